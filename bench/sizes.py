"""How large the benchmarks are, in initiatives of history and rows of a night; one home for all of them."""

import argparse

PROGRAMME = 2_400_000  # the whole of it: what the targets are about
ROWS = 240_000  # `make bench`: under 30 minutes on two quiet cores
QUICK_ROWS = 24_000  # `make bench-quick`: under 3 minutes
GROWTH_HISTORIES = (QUICK_ROWS, ROWS)
GROWTH_NIGHTS = (2_500, 25_000, 250_000)
WORKBOOK_ROWS = 100_000
NIGHT_SHARE = 96  # 25,000 rows of the programme's 2,400,000


def night_rows(rows: int) -> int:
    """The rows of a night on a history of so many initiatives."""
    return max(1, rows // NIGHT_SHARE)


def arguments_of(description: str | None, *, runs: int = 1) -> argparse.ArgumentParser:
    """The arguments that benchmarks share: --rows and --runs.

    Args:
        description: What the benchmark does.
        runs: How often it runs where nothing is said.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=ROWS, help=f"initiatives of history (the programme: {PROGRAMME})")
    parser.add_argument("--runs", type=int, default=runs)
    return parser
