"""Superset's settings (SUPERSET_CONFIG_PATH names this file); secrets come from the environment, or from files."""

import os
import re
from pathlib import Path
from typing import Any

from psycopg2.extensions import UNICODE, connection, new_type, register_type
from superset.config import TALISMAN_CONFIG


def _secret(name: str) -> str:
    """The value of a variable, or what the file holds that `<name>_FILE` names."""
    file = os.environ.get(f"{name}_FILE")
    value = Path(file).read_text("utf-8").strip() if file else os.environ.get(name, "")
    if not value:
        raise SystemExit(f"Superset needs {name}, or {name}_FILE: see docs/howto/superset.md")
    return value


SECRET_KEY = _secret("SUPERSET_SECRET_KEY")
SQLALCHEMY_DATABASE_URI = _secret("SUPERSET_METADATA_URI")
# What the assets' connections are; load_assets.py puts them in.
SANGKIEN_DSNS = {name: _secret(f"SANGKIEN_SUPERSET_{name.upper()}_DSN") for name in ("office", "unit")}

BABEL_DEFAULT_LOCALE = "vi"
LANGUAGES = {"vi": {"flag": "vn", "name": "Tiếng Việt"}, "en": {"flag": "us", "name": "English"}}
D3_FORMAT = {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["", " đ"]}
# Pages ask nothing of other hosts: no map tiles, and no count of who opened them.
TALISMAN_CONFIG = TALISMAN_CONFIG | {
    "content_security_policy": {
        kind: [one for one in sources if not one.startswith("https://")] if isinstance(sources, list) else sources
        for kind, sources in TALISMAN_CONFIG["content_security_policy"].items()
    }
}
# One person's answers are never another's: the database decides by who asks.
FEATURE_FLAGS = {"CACHE_QUERY_BY_USER": True, "ALLOW_ADHOC_SUBQUERY": False}

# Tables, tooltips and SQL Lab draw a text that looks like HTML, or show what their sanitizer leaves of it; no setting
# of Superset 6.1 stops that. An invisible character behind what would begin a tag makes it the text that it is.
_BEGINS_A_TAG = re.compile("<(?=[a-z/!?])", re.IGNORECASE)
_TEXT = new_type(
    UNICODE.values, "SHOWN_TEXT", lambda value, cursor: value and _BEGINS_A_TAG.sub("<\u2060", UNICODE(value, cursor))
)


class _Connection(connection):
    """A connection of a dataset or of SQL Lab; Superset's own database has none of these."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        register_type(_TEXT, self)


def DB_CONNECTION_MUTATOR(uri: Any, params: dict[str, Any], *_: Any) -> tuple[Any, dict[str, Any]]:  # noqa: N802
    """Whatever Superset reads from PostgreSQL comes through `_Connection`."""
    return uri, params | {"connect_args": params.get("connect_args", {}) | {"connection_factory": _Connection}}
