"""What publishing a candidate would change for readers, by unit and rule."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from psycopg.rows import dict_row
from rich.table import Table

from sangkien.contract.lists import unit_names
from sangkien.database import connect
from sangkien.warehouse.publish import UnknownPublicationError

# Current versions that readers see now and would not see, beside those that they would see instead.
_CHANGED = """
with was as (
    select unit_code, code_key, verdict, rule_codes from warehouse.fct_initiative_version
    where published_from <= %(current)s and published_to > %(current)s and published_to <= %(candidate)s
        and as_of_to = date '9999-12-31'
), would_be as (
    select unit_code, code_key, verdict, rule_codes from warehouse.fct_initiative_version
    where published_from > %(current)s and published_from <= %(candidate)s and published_to > %(candidate)s
        and as_of_to = date '9999-12-31'
), pair as (
    select
        unit_code, was.verdict as verdict_before, would_be.verdict as verdict_after,
        coalesce(was.rule_codes, '{}') as before, coalesce(would_be.rule_codes, '{}') as after
    from was full join would_be using (unit_code, code_key)
)
"""
_BY_VERDICT = (
    _CHANGED
    + """
select unit_code, verdict_before, verdict_after, count(*) as initiatives from pair
where verdict_before is distinct from verdict_after
group by unit_code, verdict_before, verdict_after order by unit_code, verdict_before, verdict_after
"""
)
_BY_RULE = (
    _CHANGED
    + """
select
    unit_code, rule_code,
    count(*) filter (where rule_code = any(after)) as fires_now,
    count(*) filter (where rule_code = any(before)) as fires_no_more
from pair cross join lateral (select distinct unnest(before || after)) as fired (rule_code)
where (rule_code = any(before)) <> (rule_code = any(after))
group by unit_code, rule_code order by unit_code, rule_code
"""
)
_VALID = """
select unit_code, count(*) as valid from warehouse.fct_initiative_version
where published_from <= %(current)s and published_to > %(current)s and as_of_to = date '9999-12-31'
    and verdict = 'valid'
group by unit_code
"""
_CANDIDATE = """
select
    p.publication_id as publication, p.rule_set, p.state, p.summary,
    p.state in ('built', 'refused') and p.publication_id = (select max(publication_id) from ops.publication) as waits,
    coalesce(c.publication_id, 0) as current, c.rule_set as current_rule_set
from ops.publication as p
left join (ops.current_publication inner join ops.publication as c using (publication_id)) on true
where p.publication_id = %(publication)s
"""


@dataclass(frozen=True)
class Difference:
    """What readers would see instead of what they see now.

    Attributes:
        publication: The candidate, and `rule_set`, the rule set that it was judged under.
        current: What readers see now, and `current_rule_set`.
        waits: Whether a person may still publish it.
        refused_by: The checks of the gate that speak against the candidate.
        valid_by_unit: Each unit's valid initiatives now.
        verdicts: Each unit, and how many of its initiatives go from which verdict to which (none: not there).
        rules: Each unit and rule, and on how many initiatives it fires that it does not fire on now, and the other way.
    """

    publication: int
    rule_set: str
    current: int
    current_rule_set: str | None
    waits: bool
    refused_by: list[str]
    valid_by_unit: dict[str, int]
    verdicts: list[dict[str, Any]]
    rules: list[dict[str, Any]]

    def valid_change(self) -> dict[str, int]:
        """By how much each unit's valid initiatives change, for the units where they do."""
        change: Counter[str] = Counter()
        for row in self.verdicts:
            change[row["unit_code"]] += row["initiatives"] * (
                (row["verdict_after"] == "valid") - (row["verdict_before"] == "valid")
            )
        return {unit: step for unit, step in sorted(change.items()) if step}

    def totals(self) -> dict[str, Any]:
        """The figures of the whole."""
        before = sum(self.valid_by_unit.values())
        return {
            "publication": self.publication,
            "rule_set": self.rule_set,
            "valid_before": before,
            "valid_after": before + sum(self.valid_change().values()),
            "verdicts_changed": sum(row["initiatives"] for row in self.verdicts),
        }

    def tables(self) -> dict[str, list[dict[str, Any]]]:
        """What a person reads, as tables by their titles."""
        names = unit_names()
        by_unit = [
            {
                "unit": unit,
                "name": names.get(unit, ""),
                "valid now": self.valid_by_unit.get(unit, 0),
                "valid then": self.valid_by_unit.get(unit, 0) + step,
                "change": f"{step:+,}",
            }
            for unit, step in self.valid_change().items()
        ]
        by_verdict = Counter[tuple[str, str]]()
        by_rule = {rule: [0, 0] for rule in sorted({row["rule_code"] for row in self.rules})}
        for row in self.verdicts:
            by_verdict[row["verdict_before"] or "not there", row["verdict_after"] or "not there"] += row["initiatives"]
        for row in self.rules:
            by_rule[row["rule_code"]][0] += row["fires_now"]
            by_rule[row["rule_code"]][1] += row["fires_no_more"]
        return {
            "Verdicts": [{"now": b, "then": a, "initiatives": n} for (b, a), n in sorted(by_verdict.items())],
            "Rules": [{"rule": r, "fires too on": now, "no more on": no_more} for r, (now, no_more) in by_rule.items()],
            "Valid initiatives by unit": by_unit,
            "Rules by unit": [
                {
                    "unit": row["unit_code"],
                    "rule": row["rule_code"],
                    "fires too on": row["fires_now"],
                    "no more on": row["fires_no_more"],
                }
                for row in self.rules
            ],
        }

    def summary(self) -> str:
        """The difference in a sentence."""
        figures = self.totals()
        said = (
            f"Publication {self.publication} (rule set {self.rule_set}) beside publication {self.current} (rule set"
            f" {self.current_rule_set}): {figures['verdicts_changed']:,} verdicts change; valid:"
            f" {figures['valid_before']:,} now, {figures['valid_after']:,} then."
        )
        return said + (f" The gate objects: {', '.join(self.refused_by)}." if self.refused_by else "")

    def markdown(self) -> str:
        """The difference for a page that shows Markdown."""
        parts = [self.summary()]
        for title, rows in self.tables().items():
            if rows:
                lines = [rows[0].keys(), ["---"] * len(rows[0]), *(row.values() for row in rows)]
                parts.append("\n".join([f"**{title}**\n", *(" | ".join(map(str, line)) for line in lines)]))
        return "\n\n".join(parts)

    def rich_tables(self) -> list[Table]:
        """The difference for a terminal."""
        tables = []
        for title, rows in self.tables().items():
            if rows:
                table = Table(*rows[0], title=title)
                for row in rows:
                    table.add_row(*map(str, row.values()))
                tables.append(table)
        return tables


def read_difference(dsn: str, publication: int | None = None) -> Difference:
    """Compare a publication with the one that readers see now.

    Args:
        dsn: The warehouse.
        publication: Which; none: the newest.

    Raises:
        UnknownPublicationError: There is no such publication, its marts are not built, or readers see a later one.
    """
    with connect(dsn) as connection, connection.cursor(row_factory=dict_row) as cursor:
        if publication is None:
            newest = cursor.execute("select max(publication_id) as newest from ops.publication").fetchone()
            publication = newest["newest"] if newest else None
        about = cursor.execute(_CANDIDATE, {"publication": publication}).fetchone()
        if about is None or about["state"] == "building":
            raise UnknownPublicationError(f"there is no publication {publication} that is built")
        if about["publication"] < about["current"]:
            raise UnknownPublicationError(
                f"readers see publication {about['current']}, a later one: `sangkien publications {about['current']}`"
                " shows what that changed"
            )
        both = {"candidate": about["publication"], "current": about["current"]}
        return Difference(
            publication=about["publication"],
            rule_set=about["rule_set"],
            current=about["current"],
            current_rule_set=about["current_rule_set"],
            waits=about["waits"],
            refused_by=about["summary"].get("refused_by", []),
            valid_by_unit={row["unit_code"]: row["valid"] for row in cursor.execute(_VALID, both)},
            verdicts=cursor.execute(_BY_VERDICT, both).fetchall(),
            rules=cursor.execute(_BY_RULE, both).fetchall(),
        )
