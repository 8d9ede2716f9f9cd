"""openpyxl, reading the rows of a workbook one by one (`python openpyxl_rows.py FILE`); prints its seconds as JSON."""

import json
import sys
import time

import openpyxl


def main(file: str) -> None:
    """Read every cell."""
    began = time.perf_counter()
    rows = sum(
        1 for _ in openpyxl.load_workbook(file, read_only=True, data_only=True).active.iter_rows(values_only=True)
    )
    print(json.dumps({"seconds": time.perf_counter() - began, "rows": rows}))


if __name__ == "__main__":
    main(sys.argv[1])
