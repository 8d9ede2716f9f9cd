"""Two hundred cell values that something, somewhere, might run, follow, or stumble over."""
# ruff: noqa: E501

from pathlib import Path

from tests.privacy.persons import THIRD
from tests.scenarios.build import HEADINGS, csv_file, initiative, put

HIT = "window.hit=1"
FILE = "initiatives_2023-05-02.csv"
_SQL = [
    "'; drop table marts.fct_initiative; --", "' or '1'='1", "\"; delete from ops.delivery; --", "1); truncate landing.initiative; --",
    "$$; drop schema marts cascade; $$", "'||pg_sleep(10)||'", "\\'; drop table x; --", "%s %(name)s %%", "{table}", "E'\\x27'",
    "\\copy landing.initiative to program 'touch /tmp/hit'", "COPY x FROM PROGRAM 'id'", "\\.", "\\N", "';select current_setting('x');--",
    "/* */ union select 1 --", "0x27", "‘; drop table x; --", "{}", "{\"a\": null}",
]  # fmt: skip
_TEMPLATES = [
    "{{ 7*7 }}", "{{ config.__class__.__init__.__globals__ }}", "{% set x = 1 %}", "{# gone #}", "{{ ref('fct_initiative') }}",
    "{{ env_var('SANGKIEN_PSEUDONYM_KEY') }}", "{{ ti.xcom_pull(task_ids='x') }}", "{{ var.value.get('x') }}", "${7*7}", "#{7*7}",
    "<%= 7*7 %>", "{{ run_query('drop table x') }}", "{%- do exceptions.raise_compiler_error('x') -%}", "{{", "%}", "{% endraw %}{{ 1 }}",
    "{{ ''.__class__.__mro__ }}", "[[7*7]]", "*{7*7}", "@(7*7)",
]  # fmt: skip
_FORMULAS = [
    "=1+1", "=HYPERLINK(\"https://example.invalid\",\"Bấm\")", "+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", "@SUM(1+1)*cmd|' /C calc'!A0",
    "=WEBSERVICE(\"https://example.invalid\")", "=IMPORTXML(\"https://example.invalid\",\"//a\")", "\t=1+1", "=DDE(\"cmd\",\"/C calc\",\"x\")",
    "＝1+1", "=cmd|'/c calc'!A1", "+1+1", "-1-1", "@A1", "=IF(1,2,3)", "=\"a\"&\"b\"", "=A1:A2", "=1;=2", "%=1", "'=1+1", "=INDIRECT(\"A1\")",
    "=RTD(\"x\",,\"y\")", "=SUM(1,2", "==1", "=-1", "+-1", "|calc", "=EXEC(\"calc\")", "=CALL(\"x\")", "\"=1+1\"",
]  # fmt: skip
_HTML = [
    f"<script>{HIT}</script>", f"<img src=x onerror={HIT}>", f"<svg onload={HIT}>", f"<a href=\"javascript:{HIT}\">x</a>",
    f"</title><script>{HIT}</script>", f"\"><script>{HIT}</script>", f"' onmouseover='{HIT}", f"</script><script>{HIT}</script>",
    f"<iframe srcdoc='<script>parent.{HIT}</script>'>", f"<body onload={HIT}>", f"<details open ontoggle={HIT}>", f"<math><mtext><script>{HIT}</script>",
    f"<!--><script>{HIT}</script>-->", f"]]><script>{HIT}</script>", f"&lt;script&gt;{HIT}&lt;/script&gt;", f"<scr<script>ipt>{HIT}</script>",
    "<SCRIPT SRC=//example.invalid/x.js></SCRIPT>", "<meta http-equiv=refresh content='0;url=//example.invalid'>", "<base href=//example.invalid>",
    "<style>*{display:none}</style>", "<link rel=stylesheet href=//example.invalid>", "<object data=x>", "<embed src=x>", "<marquee>",
    f"<input autofocus onfocus={HIT}>", f"<video><source onerror={HIT}>", f"javascript:{HIT}", f"data:text/html,<script>{HIT}</script>",
    "<plaintext>", "<textarea>", "<b>đậm</b>", "&amp;&#60;", "<?xml version='1.0'?>", "<!DOCTYPE html>", "<![CDATA[x]]>", "[x](javascript:alert(1))",
    "![x](//example.invalid/x.png)", "```\ncode", "<template>", f"<svg><animate onbegin={HIT} attributeName=x dur=1s>",
]  # fmt: skip
_LOGS = [
    "a\r\n2026-01-01 INFO all is well", "a\nb", "\x1b[31mred", "\x1b]0;title\x07", "a\x00b", "a\x08b", "[bold red]rich[/]", "%(asctime)s", "%n%n%s",
    "\u2028next", "\u2029para", "\x85next", "a\x0bb", "a\x0cb", "::set-output name=x::y", "##[error]x", "\x9b31m", "level=error msg=x", "\\r\\n", "${jndi:ldap://x}",
]  # fmt: skip
_PATHS = [
    "../../etc/passwd", "..\\..\\x", "/etc/passwd", "C:\\x", "file:///etc/passwd", "\\\\host\\share", "~/x", "a/b/c", "con", "NUL", "x.csv/../y",
    "%2e%2e%2f", "..%c0%af", "`id`", "$(id)", "; rm -rf /", "| cat", "&& id", "> /tmp/hit", "ldld-thanh-hoa", "ldld-thanh-hoa/SK-1", "*", "?", "--help", "-rf",
]  # fmt: skip
_LETTERS = [
    "\u202eđảo ngược", "\u2066cô lập\u2069", "a\u200bb", "a\u200db", "\ufeffđầu", "مرحبا بالعالم", "שלום עולם", "Сáng kiến (С кирилл.)", "ｆｕｌｌｗｉｄｔｈ", "Zalgo͜͡ ҉̵",
    "👩‍👩‍👧‍👦 gia đình", "🏳️‍🌈", "e\u0301\u0302\u0303", "\U000e0041tag", "\u00ad\u00admềm", "ﬁ ligature", "İstanbul ı", "ß SS ẞ", "\u3164", "𝐁𝐨𝐥𝐝", "漢字", "ⓐⓑ",
    "\ue000riêng", "a" * 5_000, "ắ" * 3_000, " ".join(["từ"] * 2_000), "NaN", "Infinity", "1e999", "true", "undefined", "null", "None", "[object Object]",
    "0", "-0", "1/0", "2023-02-30", "00:00", "\"", "'", "\"\"\"", ",;\t|", "\\", "\\\\",
]  # fmt: skip
VALUES = _SQL + _TEMPLATES + _FORMULAS + _HTML + _LOGS + _PATHS + _LETTERS
EVERYWHERE = (
    "title",
    "description",
    "job_title",
    "workplace",
    "field",
    "grassroots_union",
    "upper_union",
    "recognition_number",
    "note",
    "coauthors",
)
FREE = HEADINGS | {
    "description": "Mô tả", "job_title": "Chức danh", "workplace": "Đơn vị công tác", "field": "Lĩnh vực", "coauthors": "Đồng tác giả",
    "grassroots_union": "Công đoàn cơ sở", "upper_union": "Công đoàn cấp trên", "note": "Mã đơn vị",
}  # fmt: skip


def deliver(inbox: Path) -> None:
    """Deliver each value in every free text of a row; what is wrong with the row makes its receipt quote some."""
    rows = [
        initiative("thù địch", f"H-{number}")
        | dict.fromkeys(EVERYWHERE, value)
        | {"status": value, "applied_on": value}
        for number, value in enumerate(VALUES)
    ]
    put(inbox, f"{THIRD}/{FILE}", csv_file(rows, FREE))
    quotas = {"union": "Tên công đoàn", "phase": "Giai đoạn", "quota_type": "Loại chỉ tiêu", "quota": "Chỉ tiêu"}
    named = [{"union": value, "phase": "II", "quota_type": "Giao", "quota": "0"} for value in VALUES]
    put(inbox, f"{THIRD}/quotas_2023-05-02.csv", csv_file(named, quotas))
