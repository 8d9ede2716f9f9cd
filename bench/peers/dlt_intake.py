"""dlt, appending the files of an inbox that it has not loaded yet, all columns text.

Run in an environment of its own (bench/peer.py): `python dlt_intake.py DSN INBOX STATE best|defaults COLUMN,...`.
`best`: Arrow tables, to its csv writer and PostgreSQL's COPY, two workers. `defaults`: rows as dicts of a plain csv
reader, as its documentation begins with. Prints the seconds without its start as JSON.
"""

import csv as csv_module
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

BEST = sys.argv[4] == "best"
COLUMNS = sys.argv[5].split(",")

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
if BEST:
    os.environ |= {
        "NORMALIZE__WORKERS": "2",
        "LOAD__WORKERS": "2",
        "EXTRACT__DATA_WRITER__FILE_MAX_ITEMS": "200000",
        "NORMALIZE__PARQUET_NORMALIZER__ADD_DLT_LOAD_ID": "false",
    }

import dlt
import pyarrow as pa
from pyarrow import csv


def new_files(inbox: Path) -> Iterator[Path]:
    """The files that no earlier run has loaded; dlt keeps their names in its state."""
    loaded = dlt.current.resource_state().setdefault("loaded", [])
    known = set(loaded)
    for file in sorted(inbox.rglob("*.csv")):
        name = file.relative_to(inbox).as_posix()
        if name not in known:
            yield file
            loaded.append(name)


def _texts() -> dict[str, dict[str, str]]:
    return {name: {"data_type": "text"} for name in COLUMNS}


@dlt.resource(name="initiative", write_disposition="append")
def tables(inbox: Path) -> Iterator[pa.Table]:
    """Each file as an Arrow table of texts, with its name and the number of each line."""
    for file in new_files(inbox):
        table = csv.read_csv(
            file,
            read_options=csv.ReadOptions(column_names=COLUMNS, skip_rows=1),
            parse_options=csv.ParseOptions(newlines_in_values=True),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(COLUMNS, pa.string()), strings_can_be_null=True
            ),
        )
        lines = pa.array(range(2, table.num_rows + 2), pa.int32())
        yield table.append_column("file_name", pa.array([str(file)] * table.num_rows)).append_column(
            "line_number", lines
        )


@dlt.resource(name="initiative", write_disposition="append", columns=_texts())
def rows(inbox: Path) -> Iterator[dict[str, str | int]]:
    """Each row of each file as a dict, with the file's name and the number of the line."""
    for file in new_files(inbox):
        with file.open(encoding="utf-8", newline="") as lines:
            reader = csv_module.reader(lines)
            next(reader)
            for number, row in enumerate(reader, start=2):
                yield {**dict(zip(COLUMNS, row, strict=True)), "file_name": str(file), "line_number": number}


def main(dsn: str, inbox: str, state: str) -> None:
    """Load the inbox."""
    began = time.perf_counter()
    pipeline = dlt.pipeline(
        "bench", destination=dlt.destinations.postgres(dsn), dataset_name="landing", pipelines_dir=state
    )
    if BEST:
        pipeline.run(tables(Path(inbox)), loader_file_format="csv")
    else:
        pipeline.run(rows(Path(inbox)))
    print(json.dumps({"seconds": time.perf_counter() - began}))


if __name__ == "__main__":
    main(*sys.argv[1:4])
