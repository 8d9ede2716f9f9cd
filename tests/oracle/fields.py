"""The columns of the two datasets and what matches them, as data (CONTRACT §2)."""

from __future__ import annotations

from dataclasses import dataclass

from tests.oracle.text import match_key


@dataclass(frozen=True)
class Field:
    """One known column: its own name, its Vietnamese heading and the aliases of the heading."""

    name: str
    heading: str
    aliases: tuple[str, ...] = ()

    def rank(self, header: str) -> int | None:
        """How well a header names this field: 0 its own name, 1 an alias, None not at all."""
        key = match_key(header)
        if key in (match_key(self.heading), match_key(self.name)):
            return 0
        return 1 if key in map(match_key, self.aliases) else None


INITIATIVE_FIELDS = (
    Field("initiative_code", "Mã sáng kiến", ("Mã SK", "Mã hồ sơ")),
    # The contract lists `Tên đề tài, sáng kiến`: one alias with a comma, or two. Both readings are recognised.
    Field("title", "Tên sáng kiến", ("Tên giải pháp", "Tên đề tài, sáng kiến", "Tên đề tài", "Sáng kiến")),
    Field("author_name", "Họ và tên tác giả", ("Tác giả", "Họ tên", "Tác giả chính", "Họ và tên")),
    Field("author_birth", "Ngày sinh", ("Năm sinh", "Ngày tháng năm sinh")),
    Field("author_gender", "Giới tính"),
    Field("member_card", "Số thẻ đoàn viên", ("Mã đoàn viên", "Mã số đoàn viên")),
    Field("member_group", "Nhóm đối tượng", ("Đối tượng",)),
    Field("job_title", "Chức danh", ("Chức vụ", "Nghề nghiệp")),
    Field("workplace", "Đơn vị công tác", ("Nơi công tác",)),
    Field("grassroots_union", "Công đoàn cơ sở", ("CĐCS",)),
    Field("upper_union", "Công đoàn cấp trên", ("Công đoàn cấp trên trực tiếp cơ sở",)),
    Field("solution_type", "Loại giải pháp", ("Loại sáng kiến",)),
    Field("content_category", "Nội dung sáng kiến", ("Nhóm nội dung",)),
    Field("field", "Lĩnh vực", ("Lĩnh vực áp dụng",)),
    Field("description", "Mô tả", ("Mô tả bản chất", "Tóm tắt")),
    Field("coauthors", "Đồng tác giả"),
    Field("applied_on", "Ngày áp dụng", ("Ngày áp dụng lần đầu hoặc áp dụng thử", "Ngày đưa vào áp dụng")),
    Field("recognised_on", "Ngày công nhận"),
    Field("recognition_number", "Số quyết định", ("Số quyết định công nhận",)),
    Field("recognition_level", "Cấp công nhận", ("Cấp sáng kiến",)),
    Field(
        "benefit",
        "Giá trị làm lợi",
        ("Số tiền làm lợi", "Giá trị làm lợi ước tính", "Số tiền làm lợi năm đầu tiên áp dụng"),
    ),
    Field("benefit_unit", "Đơn vị tính", ("ĐVT",)),
    Field("benefit_computable", "Tính được thành tiền"),
    Field("against_public_order", "Trái trật tự công cộng, đạo đức"),
    Field("under_ip_protection", "Đang được bảo hộ sở hữu trí tuệ"),
    Field("submitted_on", "Ngày gửi", ("Ngày nộp", "Ngày cập nhật")),
    Field("status", "Trạng thái", ("Kết quả",)),
)

QUOTA_FIELDS = (
    Field("union", "Tên công đoàn"),
    Field("parent_union", "Công đoàn cấp trên"),
    Field("phase", "Giai đoạn"),
    Field("quota_type", "Loại chỉ tiêu"),
    Field("quota", "Chỉ tiêu"),
    Field("decision_number", "Số quyết định"),
    Field("effective_from", "Ngày hiệu lực"),
)

IGNORED_HEADERS = {match_key(name) for name in ("Số TT", "STT", "TT")}


@dataclass(frozen=True)
class Dataset:
    """What the columns of one dataset are, and which of them must be there."""

    fields: tuple[Field, ...]
    mandatory: tuple[str, ...]
    dates: tuple[str, ...]
    numbers: tuple[str, ...]


DATASETS = {
    "initiatives": Dataset(
        INITIATIVE_FIELDS,
        ("initiative_code", "title", "author_name", "member_group"),
        ("author_birth", "applied_on", "recognised_on", "submitted_on"),
        ("benefit",),
    ),
    # The contract names no mandatory column of quotas; without one of these three no row can be read.
    "quotas": Dataset(QUOTA_FIELDS, ("phase", "quota_type", "quota"), ("effective_from",), ("quota",)),
}

# §2 benefit_unit and its aliases: (factor to đồng, currency). `/năm` is taken off before the look-up.
BENEFIT_UNITS: dict[str, tuple[int, str]] = {}
for _factor, _currency, _names in (
    (1, "VND", ("đồng", "đ", "VNĐ", "VND")),
    (10**3, "VND", ("nghìn đồng", "nghìn", "ngàn", "ngàn đồng")),
    (10**6, "VND", ("triệu đồng", "triệu", "tr", "tr.đ", "trđ")),
    (10**9, "VND", ("tỷ đồng", "tỷ", "tỉ", "tỉ đồng")),
    (1, "USD", ("USD",)),
):
    for _name in _names:
        BENEFIT_UNITS[match_key(_name)] = (_factor, _currency)

NOT_COMPUTABLE = match_key("Không tính được")
GENDERS = {match_key("Nam"): "male", match_key("Nữ"): "female"}
FLAGS = {match_key("Có"): True, match_key("Không"): False}
QUOTA_PHASES = {"i": "phase_1", "1": "phase_1", "ii": "phase_2", "2": "phase_2"}
QUOTA_TYPES = {match_key("Giao"): "assigned", match_key("Đăng ký"): "registered", match_key("Tự đặt"): "self_set"}
