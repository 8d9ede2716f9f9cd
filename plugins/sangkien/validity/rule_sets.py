"""Rule sets: which one is in force, and those that the warehouse has judged under (docs/decisions/0006-rule-sets.md).

The catalogue that is installed (expectations/rules.yml) is what a new warehouse begins with. From then on the warehouse
says which rule set is in force: that of the newest published publication.
"""

from sangkien.contract.rules import RuleSet, rule_set
from sangkien.database import Connection

_IN_FORCE = """
select rule_set from ops.publication
order by state = 'published' desc, case when state = 'published' then -publication_id else publication_id end
limit 1
"""
_STANDING = "select rule_set from ops.publication order by publication_id desc limit 1"


class RuleSetError(Exception):
    """A rule set that cannot be judged under; the message says what to do."""


def in_force(connection: Connection) -> RuleSet:
    """The rule set that nights judge under.

    Raises:
        RuleSetError: As `read`.
    """
    row = connection.execute(_IN_FORCE).fetchone()
    return rule_set() if row is None else read(connection, row[0])


def standing(connection: Connection) -> RuleSet:
    """The rule set under which the rows of staging stand: that of the newest publication, published or not."""
    row = connection.execute(_STANDING).fetchone()
    return rule_set() if row is None else read(connection, row[0])


def read(connection: Connection, version: str) -> RuleSet:
    """A rule set by its version; in the wording of the catalogue that is installed, if it is that one.

    Raises:
        RuleSetError: The warehouse has never judged under it, or has, and the catalogue that is installed says
            something else under the same name.
    """
    installed = rule_set()
    row = connection.execute("select definition from ops.rule_set where rule_set = %s", [version]).fetchone()
    if row is None:
        if version == installed.version:
            return installed
        raise RuleSetError(f"the warehouse does not know the rule set {version}")
    kept = RuleSet.from_json(row[0])
    if version != installed.version:
        return kept
    if not kept.judges_like(installed):
        raise RuleSetError(
            f"expectations/rules.yml, or a list that it rests on, has changed what the rule set {version} means, and"
            " the warehouse has judged under it: give `rule_set` a new version, then `sangkien rejudge`"
        )
    return installed


def keep(connection: Connection, rules: RuleSet) -> None:
    """Keep a rule set that is judged under: whole, and rule by rule for `marts.dim_rule`."""
    connection.execute(
        "insert into ops.rule_set (rule_set, definition) values (%(rule_set)s, %(definition)s::json)"
        " on conflict (rule_set) do update set definition = excluded.definition",
        {"rule_set": rules.version, "definition": rules.as_json()},
    )
    connection.cursor().executemany(
        "insert into ops.rule (rule_set, rule_code, rule_name, dataset, judged, verdict, column_names, message_vi,"
        " advice_vi, message_en, advice_en, holds_from, acts, source) values (%(rule_set)s, %(code)s, %(name)s,"
        " %(dataset)s, %(judged)s, %(verdict)s, %(columns)s, %(message_vi)s, %(advice_vi)s, %(message_en)s,"
        " %(advice_en)s, %(holds_from)s, %(acts)s, %(source)s)"
        " on conflict (rule_set, rule_code) do update set (rule_name, dataset, judged, verdict, column_names,"
        " message_vi, advice_vi, message_en, advice_en, holds_from, acts, source) = (excluded.rule_name,"
        " excluded.dataset, excluded.judged, excluded.verdict, excluded.column_names, excluded.message_vi,"
        " excluded.advice_vi, excluded.message_en, excluded.advice_en, excluded.holds_from, excluded.acts,"
        " excluded.source)",
        [{**vars(rule), "rule_set": rules.version, "columns": list(rule.columns)} for rule in rules.rules.values()],
    )
