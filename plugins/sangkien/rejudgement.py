"""Judging history under another rule set, in stages like those of a night (docs/decisions/0006-rule-sets.md).

A rejudgement makes a candidate like a night does, but its last stage is a person's word.
"""

from sangkien.contract.rules import RuleSet, rule_set
from sangkien.database import Connection, connect, lock, migrate
from sangkien.pipeline import (
    GateOutcome,
    Night,
    begin,
    build_marts,
    end,
    judge_under,
    new_run_id,
    pass_gate,
    stage_of,
    today,
    warehouse_dsn,
)
from sangkien.settings import get_settings
from sangkien.validity import rule_sets
from sangkien.validity.judge import JUDGE_LOCK, JudgeResult
from sangkien.warehouse import publish as publications
from sangkien.warehouse.difference import Difference, read_difference


class NotNowError(Exception):
    """There is nothing to rejudge, or something else comes first; the message says what."""


def run_of(run_id: str) -> Night:
    """The run of this name; it tells until the day that the newest publication tells."""
    dsn = warehouse_dsn(get_settings())
    migrate(dsn)
    with connect(dsn) as connection:
        last = publications.newest(connection)
    return Night(run_id, last.horizon if last else today(), dsn, kind="rejudge")


def judge_history(run: Night) -> JudgeResult | None:
    """Judge: all history under the rule set that is installed, into a candidate; none where that was done before.

    Raises:
        NotNowError: That rule set is in force already, or what was delivered has to be published first.
        RuleSetError: The catalogue has changed, but not its version.
    """
    with stage_of(run, "judge") as detail, connect(run.dsn) as connection:
        lock(connection, JUDGE_LOCK)
        lock(connection, publications.PUBLISH_LOCK)
        rules = rule_sets.read(connection, rule_set().version)
        why_not = _why_not_now(connection, rules)
        if why_not is None:
            return None if _is_candidate(connection, rules) else judge_under(connection, run, rules, detail)
        detail["why_not"] = why_not
    raise NotNowError(why_not)  # whoever asked is told; nothing has failed that the morning's report should tell


def gate(run: Night) -> GateOutcome:
    """Gate: as of a night, over every row, for every row was judged anew; its objections are told with the difference.

    Raises:
        NotNowError: A night has taken the candidate over.
    """
    outcome = pass_gate(run, rule_set().version)
    if outcome is None:
        raise NotNowError("a night has come in between and went on under the old rule set: rejudge again")
    return outcome


def difference(run: Night, publication: int) -> Difference:
    """Difference: what publishing the candidate would change, by unit and rule. It waits for a person from now on."""
    with stage_of(run, "difference") as detail:
        found = read_difference(run.dsn, publication)
        detail.update(found.totals())
        return found


def decide(run: Night, publication: int, *, approved: bool, because: str) -> None:
    """Publish the candidate, or keep that it is not wanted, on a person's word.

    Raises:
        UnknownPublicationError: It does not wait any more: a night has come in between.
    """
    with stage_of(run, "approve" if approved else "refuse") as detail, connect(run.dsn) as connection:
        detail.update(publication=publication, because=because)
        (publications.approve if approved else publications.refuse)(connection, publication, because)


def rejudge() -> Difference:
    """Do all of it but the decision, without Airflow; may be killed and repeated."""
    run = run_of(new_run_id("rejudge"))
    begin(run)
    try:
        judge_history(run)
        build_marts(run)
        return difference(run, gate(run).publication)
    finally:
        end(run)


def _why_not_now(connection: Connection, rules: RuleSet) -> str | None:
    """What comes first, or why there is nothing to rejudge; none: nothing stands in the way."""
    last = publications.newest(connection)
    in_force = rule_sets.in_force(connection)
    if last is None:
        return "nothing was published yet: the first `sangkien refresh` judges under this rule set"
    if rules.version == in_force.version:
        return f"the rule set {rules.version} is in force already"
    if last.state != "published" and last.rule_set == in_force.version:
        return f"publication {last.publication_id} is not published yet: `sangkien status`"
    if publications.deliveries_wait(connection) and not _is_candidate(connection, rules):
        return "there are deliveries that no publication has: `sangkien refresh` first"
    return None


def _is_candidate(connection: Connection, rules: RuleSet) -> bool:
    """Whether the newest publication is a candidate under this rule set that was built and is still wanted."""
    last = publications.newest(connection)
    return last is not None and last.rule_set == rules.version and last.state != "building" and not last.refused_because
