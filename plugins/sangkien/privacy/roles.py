"""Roles: who may do what in the warehouse, with the least that each needs (docs/roles.md)."""

from importlib import resources

import psycopg
from psycopg import sql

from sangkien.contract.lists import unit_names
from sangkien.database import Connection, connect, migrate

WORKERS = ("sangkien_loader", "sangkien_transformer", "sangkien_publisher", "sangkien_privacy_officer")
READERS = ("bi_reader", "bi_unit")
UNIT_READER = "bi_unit_"

# Another database of the server may be making the same roles at this moment.
_CREATE = """
do $$ begin
    create role {role} nologin {member};
exception when duplicate_object or unique_violation then null;
end $$
"""


class RolesError(Exception):
    """The roles cannot be made by this login; the message says what an administrator runs."""


def set_up_roles(dsn: str) -> list[str]:
    """Make the roles that are missing on the server, and grant all of them what they may do in this database.

    Safe to be repeated, and to be run for several databases of one server at once. Builds keep the rights: what is made
    anew gets them by default.

    Args:
        dsn: The warehouse, as the login that its schemas and tables belong to.

    Returns:
        The roles that were made now.

    Raises:
        RolesError: Roles are missing, and this login may not make any.
    """
    migrate(dsn)
    with connect(dsn) as connection:
        missing = _missing(connection)
        try:
            for role in missing:
                connection.execute(_statement(_CREATE, role))
        except psycopg.errors.InsufficientPrivilege as error:
            create = ";\n".join(_statement("create role {role} nologin {member}", role) for role in missing)
            raise RolesError(
                f"this login may not make roles; let an administrator of the server run\n{create};"
            ) from error
        connection.execute("create schema if not exists reference")  # dbt makes it, but in its first build only
        connection.execute(resources.files("sangkien.privacy").joinpath("grants.sql").read_bytes())
    return missing


def all_roles() -> dict[str, str]:
    """Every role, and the one that it is a member of (empty: none)."""
    return dict.fromkeys((*WORKERS, *READERS), "") | {f"{UNIT_READER}{unit}": "bi_unit" for unit in unit_names()}


def _missing(connection: Connection) -> list[str]:
    found = {name for (name,) in connection.execute("select rolname from pg_roles")}
    return [role for role in all_roles() if role not in found]


def _statement(template: str, role: str) -> str:
    group = all_roles()[role]
    member = sql.SQL("in role {}").format(sql.Identifier(group)) if group else sql.SQL("")
    return sql.SQL(template).format(role=sql.Identifier(role), member=member).as_string()
