"""Great Expectations out of the box over the landed table: the row rules as stock expectations, default result format.

Run in an environment of its own (bench/peer.py): `python gx_suite.py DSN SEEDS`, SEEDS being the folder
of the programme's lists. What its stock expectations cannot tell of a
text (the order of two dates, a status that excuses) is left to the models.
"""

import csv
import os
import sys
from pathlib import Path

os.environ["GX_ANALYTICS_ENABLED"] = "false"

import great_expectations as gx
import great_expectations.expectations as gxe

DATE = r"^\d{1,2}[/.-]\d{1,2}[/.-]\d{4}|^\d{4}-\d{2}-\d{2}|^\d{5}$"
PLACEHOLDERS = [r"^(.)\1*$", r"^.{0,9}$"]
LISTS = {
    "member_group": "member_groups",
    "solution_type": "solution_types",
    "content_category": "content_categories",
    "status": "report_statuses",
}
ANSWERS = {
    "author_gender": ["Nam", "Nữ"],
    "against_public_order": ["Có", "Không"],
    "under_ip_protection": ["Có", "Không"],
    "benefit_computable": ["Có", "Không"],
}


def spellings(file: Path) -> list[str]:
    """Every accepted spelling of a list's values."""
    with file.open(encoding="utf-8", newline="") as lines:
        return [text for row in csv.DictReader(lines) for text in (row["label_vi"], *row["aliases"].split("|")) if text]


def suite(seeds: Path) -> gx.ExpectationSuite:
    """Mandatory cells, lists, dates, titles, money."""
    lists = ANSWERS | {column: spellings(seeds / f"{name}.csv") for column, name in LISTS.items()}
    mandatory = ("initiative_code", "title", "author_name", "member_group", "applied_on", "submitted_on")
    recognised = ("recognised_on", "recognition_number")
    return gx.ExpectationSuite(
        name="initiative",
        expectations=[
            *(gxe.ExpectColumnValuesToNotBeNull(column=column) for column in (*mandatory, *recognised)),
            *(gxe.ExpectColumnValuesToBeInSet(column=column, value_set=values) for column, values in lists.items()),
            *(
                gxe.ExpectColumnValuesToMatchRegex(column=column, regex=DATE)
                for column in ("applied_on", "recognised_on", "submitted_on")
            ),
            gxe.ExpectColumnValuesToNotMatchRegexList(column="title", regex_list=PLACEHOLDERS),
            gxe.ExpectColumnValuesToMatchRegex(column="benefit", regex=r"^[-+]?\d|^Không tính được$"),
            gxe.ExpectColumnValuesToNotMatchRegex(column="benefit", regex=r"^-"),
            gxe.ExpectColumnValuesToMatchRegex(column="author_birth", regex=rf"^\d{{4}}$|{DATE}"),
            gxe.ExpectTableRowCountToBeBetween(min_value=1),
        ],
    )


def main(dsn: str, seeds: str) -> None:
    """Validate the whole table, and say how many expectations do not hold: the programme's rows are not all right."""
    context = gx.get_context(mode="ephemeral")
    source = context.data_sources.add_postgres("stack", connection_string=dsn.replace("://", "+psycopg2://", 1))
    batch = source.add_table_asset("initiative", table_name="initiative", schema_name="landing")
    definition = gx.ValidationDefinition(
        name="initiative",
        data=batch.add_batch_definition_whole_table("all"),
        suite=context.suites.add(suite(Path(seeds))),
    )
    results = context.validation_definitions.add(definition).run().results
    broken = [result for result in results if result.exception_info.get("raised_exception")]
    if broken:
        raise SystemExit(f"could not be checked: {[result.expectation_config.type for result in broken]}")
    print(f"{len(results)} expectations, {sum(not result.success for result in results)} do not hold")


if __name__ == "__main__":
    main(*sys.argv[1:3])
