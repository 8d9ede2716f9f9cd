"""The page that tells the rules to people, from the catalogue: `sangkien rules > docs/rules.md`."""

from collections.abc import Iterator

from sangkien.contract.fields import fields
from sangkien.contract.rules import ACTORS, Rule, RuleSet

_HEAD = """# Các quy tắc kiểm tra · The rules

Trang này được tạo từ `expectations/rules.yml` bằng lệnh `sangkien rules`; không sửa tay.
This page is made from `expectations/rules.yml` by `sangkien rules`; it is not edited by hand.

Bộ quy tắc · rule set: **{version}**.
"""
_GROUPS = {
    "invalid": "Sáng kiến không hợp lệ · The initiative is invalid",
    "under_review": "Sáng kiến chờ xét · The initiative is under review",
    None: "Cảnh báo, không ảnh hưởng đến kết quả · Warnings: they change no verdict",
    "rejected": "Dòng không được nhận · The row is rejected",
}
_COLUMNS = (
    "quy tắc · rule",
    "cột · columns",
    "vấn đề · what is wrong",
    "cần làm · what to do",
    "ai xử lý · who acts",
    "xét · judged",
    "từ ngày, căn cứ · since, source",
)
_WHEN = {
    "row": "từng dòng · each row",
    "set": "so với các sáng kiến khác · among all initiatives",
    "read": "khi đọc tệp · while the file is read",
}


def rules_page(rules: RuleSet) -> str:
    """The page, in Vietnamese and English, as Markdown."""
    return "\n".join(_lines(rules)) + "\n"


def _lines(rules: RuleSet) -> Iterator[str]:
    yield _HEAD.format(version=rules.version)
    for verdict, title in _GROUPS.items():
        yield f"## {title}\n"
        yield f"| {' | '.join(_COLUMNS)} |"
        yield "|---" * len(_COLUMNS) + "|"
        yield from (_row(rule) for rule in rules.rules.values() if _group(rule) == verdict)
        yield ""


def _group(rule: Rule) -> str | None:
    return "rejected" if rule.judged == "read" else rule.verdict


def _row(rule: Rule) -> str:
    headings = fields(rule.dataset)
    columns = ", ".join(headings[name].heading if name in headings else name for name in rule.columns)
    cells = (
        f"**{rule.code}** `{rule.name}`",
        columns,
        f"{rule.message_vi}<br>*{rule.message_en}*",
        f"{rule.advice_vi}<br>*{rule.advice_en}*",
        " · ".join(ACTORS[rule.acts]),
        _WHEN[rule.judged],
        f"{rule.holds_from:%d/%m/%Y}<br>{rule.source}",
    )
    return f"| {' | '.join(cells)} |"
