"""Bring connections, datasets, charts, dashboards and roles into Superset; run again, it overwrites them.

Run by Superset's own Python, after `superset db upgrade` and `superset init`:

    SUPERSET_CONFIG_PATH=bi/superset/superset_config.py python bi/superset/load_assets.py
"""

from pathlib import Path

import yaml
from superset.app import create_app

ASSETS = Path(__file__).parent / "assets"
OFFICE, OFFICER = "Programme office", "Union officer"
# What an officer may do with Superset: look at dashboards. Not: explore, write SQL, export.
LOOKING = {"can_read", "can_dashboard", "can_time_range", "can_recent_activity", "can_log", "can_slice"}
MENUS = {"Home", "Dashboards"}


def main() -> None:
    """Load the assets as the first administrator, and make the two roles."""
    app = create_app()
    with app.app_context():
        from superset import db, security_manager
        from superset.commands.importers.v1.assets import ImportAssetsCommand
        from superset.utils.core import override_user

        administrators = security_manager.find_role("Admin").user
        if not administrators:
            raise SystemExit("Superset has no administrator yet: superset fab create-admin")
        contents = _contents(app.config["SANGKIEN_DSNS"])
        with override_user(administrators[0]):
            ImportAssetsCommand(contents).run()
        _make_roles(security_manager)
        db.session.commit()
    print(f"{len(contents)} files of assets loaded; roles: {OFFICE}, {OFFICER}")


def _contents(dsns: dict[str, str]) -> dict[str, str]:
    """The assets by their paths, the connections with their DSNs."""
    contents = {}
    for file in sorted(ASSETS.rglob("*.yaml")):
        text = file.read_text("utf-8")
        if file.parent.name == "databases":
            uri = dsns[file.stem].replace("postgresql://", "postgresql+psycopg2://", 1)
            text = yaml.safe_dump(yaml.safe_load(text) | {"sqlalchemy_uri": uri}, allow_unicode=True)
        contents[str(file.relative_to(ASSETS))] = text
    return contents


def _make_roles(manager: object) -> None:
    """The office: all that Superset's Gamma may, on its datasets. An officer: to look at the dashboard of the units."""
    from superset import db
    from superset.connectors.sqla.models import SqlaTable

    names = {
        folder.name: yaml.safe_load((ASSETS / f"databases/{folder.name}.yaml").read_text("utf-8"))
        for folder in (ASSETS / "datasets").iterdir()
    }
    gamma = manager.find_role("Gamma").permissions
    looking = [
        one
        for one in gamma
        if one.permission.name in LOOKING or (one.permission.name == "menu_access" and one.view_menu.name in MENUS)
    ]
    for role_name, database, permissions in ((OFFICE, "office", list(gamma)), (OFFICER, "unit", looking)):
        tables = db.session.query(SqlaTable).all()
        access = [
            manager.add_permission_view_menu("datasource_access", table.perm)
            for table in tables
            if str(table.database.uuid) == names[database]["uuid"]
        ]
        role = manager.add_role(role_name) or manager.find_role(role_name)
        role.permissions = permissions + access


if __name__ == "__main__":
    main()
