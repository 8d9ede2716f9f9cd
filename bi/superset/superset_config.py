"""Superset's settings (SUPERSET_CONFIG_PATH names this file); secrets come from the environment, or from files."""

import os
from pathlib import Path

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
