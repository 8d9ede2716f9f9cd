"""What the bulletin calls things: (Vietnamese, English) by code. Sentences stand in the templates."""

from sangkien.receipts.write import STATUS_LABELS

# As the unions abbreviate it themselves.
FEDERATION, ABBREVIATED = "Liên đoàn Lao động", "LĐLĐ"

Words = dict[str, tuple[str, str]]

STATES: Words = {
    "delivered": ("đã gửi", "delivered"),
    "quarantined": ("gửi nhưng chưa nhận được", "delivered, not readable"),
    "late": ("trễ", "late"),
    "missing": ("chưa gửi lần nào", "nothing delivered yet"),
    "not_due": ("chưa đến hạn", "not due"),
    "not_expected": ("ngoài thời gian chương trình", "outside the programme"),
}
EFFECTS: Words = {
    "invalid": ("không hợp lệ", "invalid"),
    "under_review": ("chờ xét", "under review"),
    "none": ("cảnh báo", "warning"),
}
_STATUSES_EN = {
    "accepted": "Accepted",
    "accepted_with_issues": "Accepted, with issues to mend",
    "quarantined": "Not taken: mend and deliver again",
    "duplicate": "The same as a file taken before",
    "superseded": "Replaced by a later file of the same name",
}
STATUSES: Words = {code: (label, _STATUSES_EN[code]) for code, label in STATUS_LABELS.items()}
METHODS: Words = {
    "reported": ("theo báo cáo", "as reported"),
    "plausible": ("đã gác giá trị lớn bất thường", "implausible amounts held out"),
    "completed": ("đã bù ước tính cho phần chưa ghi", "missing amounts estimated"),
}
MEASURES: Words = {
    "submitted": ("Sáng kiến đã gửi", "Initiatives submitted"),
    "submitted_at_least": ("Sáng kiến đã gửi, ít nhất", "Initiatives submitted, at least"),
    "valid": ("Sáng kiến hợp lệ", "Valid initiatives"),
    "valid_at_least": ("Sáng kiến hợp lệ, ít nhất", "Valid initiatives, at least"),
    "quota_completion": ("Hoàn thành chỉ tiêu (%)", "Completion of the quota (%)"),
    "quota_completion_at_least": ("Hoàn thành chỉ tiêu (%), ít nhất", "Completion of the quota (%), at least"),
    "benefit": ("Giá trị làm lợi (tỷ đồng)", "Benefit (billion đồng)"),
    "benefit_at_least": ("Giá trị làm lợi (tỷ đồng), ít nhất", "Benefit (billion đồng), at least"),
}
KINDS: Words = {
    "member_group": ("Nhóm đối tượng", "Member group"),
    "solution_type": ("Loại giải pháp", "Type of solution"),
    "content_category": ("Nội dung sáng kiến", "Content category"),
}
# The bands of completion on the map: the lowest ratio of each, its style, its words.
BANDS = (
    (1.5, "b4", "từ 150%", "150% and more"),
    (1.2, "b3", "120% đến dưới 150%", "120% to under 150%"),
    (1.0, "b2", "100% đến dưới 120%", "100% to under 120%"),
    (0.5, "b1", "50% đến dưới 100%", "50% to under 100%"),
    (0.0, "b0", "dưới 50%", "under 50%"),
)
NO_BAND = ("bn", "chưa có chỉ tiêu", "no quota known")
REPORTS: Words = {
    "rpt_overview": ("Tổng quan", "Overview"),
    "rpt_weekly": ("Theo tuần", "By week"),
    "rpt_unit_ranking": ("Xếp hạng đơn vị", "Ranking of the units"),
    "rpt_cluster_ranking": ("Xếp hạng theo cụm, khối", "Ranking by cluster"),
    "rpt_province_now": ("34 tỉnh, thành phố", "The 34 provinces"),
    "rpt_category_mix": ("Đối tượng, giải pháp, nội dung", "Groups, types, categories"),
    "rpt_quarterly_recognition": ("Biểu dương quý", "Quarterly recognition"),
    "rpt_reward_candidates": ("Công đoàn đạt chỉ tiêu", "Unions that met their quota"),
    "rpt_delivery_calendar": ("Lịch gửi tệp", "Delivery calendar"),
    "rpt_data_quality": ("Chất lượng dữ liệu", "Data quality"),
    "rpt_reconciliation": ("So với số đã công bố", "Beside the published figures"),
}
