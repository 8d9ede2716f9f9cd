"""What the large facts must say, initiative by initiative, and the rewards of authors."""

from collections.abc import Iterator
from datetime import date

import polars as pl

from tests.programme.expected import QUOTA, Expected, expected, text
from tests.programme.states import ESTIMATES, State, World
from tests.warehouse.plain_reports import REFERENCE

METHODS: dict[str, tuple[str, ...]] = {"reported": ("reported",) * 3, "plausible": ("plausible",) * 3}
METHODS |= {"completed": tuple(f"completed_{name}" for name in ESTIMATES)}
SCOPES = {
    "programme": pl.lit("programme"),
    "unit_kind": pl.col("unit_kind"),
    "unit": pl.col("unit_code"),
    **{name: pl.col(name).fill_null("unknown") for name in ("member_group", "solution_type", "content_category")},
}
CODES = ("unit_code", "initiative_code")
LISTED = ("member_group", "solution_type", "content_category")
LEAST_PEOPLE_TOLD = 5
DAYS = ("submitted_on", "applied_on", "recognised_on")


def all_facts(world: World, days: list[date]) -> Iterator[Expected]:
    """The facts behind the reports; versions as of each of the days."""
    now = world.programme.standing(world.horizon)
    yield initiatives(now)
    for day in days:
        yield versions(world.programme.standing(day), day)
    yield issues(now)
    yield submissions(now)
    yield amounts(now)
    yield estimates(now)
    yield benefit_totals(now)
    yield deliveries(world)
    yield quotas(world)


def _rules(column: str = "rules") -> pl.Expr:
    return pl.col(column).list.sort().list.join(",")


def initiatives(now: State) -> Expected:
    """Each initiative as it stands, where it was read, and in which union it is."""
    rows = now.initiatives.select(
        *CODES,
        "verdict",
        _rules().alias("rule_codes"),
        *LISTED,
        *DAYS,
        "vnd",
        "union_key",
        "upper_union",
        "grassroots_union",
        "left_out",
        "file_name",
        "export_date",
        "line",
    )
    columns = (
        "unit_code, initiative_code, verdict, array_to_string(rule_codes, ',') as rule_codes, member_group_code,"
        " solution_type_code, content_category_code, submitted_on, applied_on, recognised_on, benefit_vnd::bigint,"
        " union_key, upper_union_name, grassroots_union_name, left_out, file_name, export_date, line_number"
    )
    return Expected("fct_initiative", f"select {columns} from marts.fct_initiative", rows, len(CODES))  # noqa: S608


def versions(state: State, day: date) -> Expected:
    """Verdict and rules as of a day; W04 is judged of what stands now only."""
    rules = pl.col("rules").list.set_difference(["W04"]).list.sort().list.join(",")
    rows = state.initiatives.select(*CODES, "verdict", rules, "file_name", "line")
    columns = "unit_code, initiative_code, verdict, array_to_string(array_remove(rule_codes, 'W04'), ',')"
    stood = f"as_of_from <= '{day}' and as_of_to > '{day}'"
    query = f"select {columns}, file_name, line_number from marts.fct_initiative_version where {stood}"  # noqa: S608
    return Expected(f"fct_initiative_version as of {day}", query, rows, len(CODES))


def issues(now: State) -> Expected:
    rows = now.initiatives.explode("rules").drop_nulls("rules").group_by("unit_code", "rules").agg(n=_count())
    query = "select unit_code, rule_code, count(*) from marts.fct_verdict_issue group by 1, 2"
    return Expected("fct_verdict_issue, counted", query, rows, 2)


def _count() -> pl.Expr:
    return pl.len().cast(pl.Int64)


def submissions(now: State) -> Expected:
    day = pl.col("submitted_on").fill_null(date(9999, 12, 31))
    rows = now.initiatives.group_by("unit_code", day, "verdict").agg(n=_count())
    query = "select unit_code, submitted_day, verdict, initiatives from marts.fct_submission"
    return Expected("fct_submission", query, rows, 3)


def amounts(now: State) -> Expected:
    """How many valid ones of a cell name which amount."""
    cell = [pl.col(of).fill_null("unknown") for of in ("member_group", "solution_type", "content_category")]
    rows = now.valid.group_by(
        "unit_code", *cell, "benefit", is_in_vnd=pl.col("vnd").is_not_null(), vnd=pl.col("vnd").fill_null(0)
    ).agg(n=_count())
    query = (
        "select unit_code, member_group_code, solution_type_code, content_category_code, benefit_class, is_in_vnd,"
        " amount_vnd::bigint, initiatives from marts.fct_benefit_amount"
    )
    return Expected("fct_benefit_amount", query, rows, 7)


def estimates(now: State) -> Expected:
    """Each valid initiative under each method, in quarters of a đồng."""
    left_out = pl.when("held_out").then(pl.lit("held_out")).otherwise("benefit")
    delivered = pl.when(pl.col("benefit") == "amount").then(pl.lit("delivered")).otherwise("benefit")
    plausible = pl.when("held_out").then(left_out).otherwise(delivered)
    imputed = pl.when("is_imputed").then(pl.format("imputed_from_{}", "level")).otherwise(plausible)
    obtained = {"reported": delivered, "plausible": plausible, "completed": imputed}
    rows = pl.concat(
        now.valid.select(
            *CODES,
            pl.lit(method).alias("method"),
            *(pl.col(column).alias(name) for column, name in zip(columns, ("amount", "low", "high"), strict=True)),
            obtained[method].alias("obtained"),
        )
        for method, columns in METHODS.items()
    )
    query = (
        "select unit_code, initiative_code, method, (4 * amount_vnd)::bigint, (4 * low_vnd)::bigint,"
        " (4 * high_vnd)::bigint, obtained from marts.fct_benefit_estimate"
    )
    return Expected("fct_benefit_estimate", query, rows, 3)


def benefit_totals(now: State) -> Expected:
    """The three methods side by side with their coverage, of every scope; only the sum is rounded."""
    is_class = {
        name: (pl.col("benefit") == of).sum().cast(pl.Int64)
        for name, of in (
            ("amounts", "amount"),
            *((name, name) for name in ("missing", "not_computable", "negative", "other_currency")),
        )
    }
    coverage = {
        "initiatives": _count(),
        **is_class,
        "held_out": pl.col("held_out").sum().cast(pl.Int64),
        "imputed": pl.col("is_imputed").sum().cast(pl.Int64),
    }
    rows = pl.concat(
        now.valid.group_by(pl.lit(scope).alias("scope"), code.alias("scope_code")).agg(
            pl.lit(method).alias("method"),
            *(((pl.col(column).sum() + 2) // 4).alias(f"sum_{at}") for at, column in enumerate(columns)),
            **coverage,
        )
        for scope, code in SCOPES.items()
        for method, columns in METHODS.items()
    )
    query = (
        "select scope, scope_code, method, amount_vnd::bigint, low_vnd::bigint, high_vnd::bigint, initiatives, amounts,"
        " missing, not_computable, negative, other_currency, held_out, imputed from marts.fct_benefit_total"
    )
    return Expected("fct_benefit_total", query, rows, 3)


def deliveries(world: World) -> Expected:
    """Every file, with the identity of its rows."""
    rows = []
    for one, status in zip(world.programme.seen, world.programme.statuses, strict=True):
        table = one.table
        told = (
            (table.rows_read, table.rows_read - table.rows_rejected, table.rows_rejected, table.rows_skipped)
            if table
            else (None,) * 4
        )
        rows.append((one.unit_code, one.file_name, one.sha256, status, one.name and one.name.export_date, *told))
    columns = """unit_code
        file_name
        sha256
        status
        export_date
        rows_read
        rows_accepted
        rows_rejected
        rows_skipped"""
    return expected("fct_delivery", columns, "ttttd" + "i" * 4, 4, rows)


def quotas(world: World) -> Expected:
    """Every quota of every union and type: the delivered lines, and the published ones."""
    rows = [
        (
            line.delivery.unit_code,
            line.union_key,
            line.delivery.file_name,
            line.line,
            line.phase,
            line.quota_type,
            text(line.quota),
            line.effective_on,
        )
        for line in world.programme.quota_lines
    ]
    where = "evidence = 'delivered'"
    columns = f"""unit_code
        union_key
        file_name
        line_number
        phase_code
        quota_type
        {QUOTA}
        effective_on"""
    return expected("fct_quota", columns, "tttittt" + "d", 4, rows, where)


def authors(world: World, keys: pl.DataFrame) -> Expected:
    """Whoever has three valid initiatives in a phase, ranked within the unit.

    Args:
        world: The programme.
        keys: The `author_key` that the marts give to each `union_key` and `author` (a match_key): whom a key stands for
            is the secret of the intake, that it stands for one author is checked.
    """
    now = world.programme.standing(world.horizon)
    in_phase = pl.coalesce(
        pl.when(pl.col("submitted_on").is_between(phase.upload_from, phase.upload_to)).then(pl.lit(phase.code))
        for phase in REFERENCE.phases
    )
    counted = (
        now.valid.with_columns(phase=in_phase)
        .drop_nulls("phase")
        .group_by("phase", "unit_code", "union_key", "author")
        .agg(valid=_count(), plausible=pl.col("plausible").sum() // 4)
        .filter(pl.col("valid") >= 3)
        .join(keys, on=["union_key", "author"], how="left")
        .sort(["phase", "unit_code", "valid", "plausible", "author_key"], descending=[False, False, True, True, False])
    )
    rank = (pl.int_range(pl.len()) + 1).over("phase", "unit_code")
    # Where fewer than five of a union are candidates, they are told with the unit (docs/contract-readings.md).
    are_enough = pl.len().over("phase", "unit_code", "union_key") >= LEAST_PEOPLE_TOLD
    union_key = pl.when(are_enough).then("union_key").otherwise("unit_code").alias("union_key")
    rows = counted.select("phase", "author_key", "unit_code", union_key, rank.alias("rank"), "valid", "plausible")
    query = (
        "select phase_code, author_key::text, unit_code, union_key, rank_no, valid_count, plausible_vnd::bigint"
        " from marts.rpt_reward_candidates where candidate_kind = 'author'"
    )
    return Expected("rpt_reward_candidates, authors", query, rows, 2)
