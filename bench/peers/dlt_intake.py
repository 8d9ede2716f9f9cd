"""dlt with its best settings: Arrow tables to its csv writer and PostgreSQL's COPY.

Run by `bench.intake` in an environment of its own: `python dlt_intake.py DSN INBOX STATE`. Prints the seconds and the
peak resident set in KiB as JSON.
"""

import csv as csv_module
import json
import os
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

os.environ |= {
    "NORMALIZE__WORKERS": "2",
    "LOAD__WORKERS": "2",
    "EXTRACT__DATA_WRITER__FILE_MAX_ITEMS": "200000",
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "NORMALIZE__PARQUET_NORMALIZER__ADD_DLT_LOAD_ID": "false",
}

import dlt
import pyarrow as pa
from pyarrow import csv


@dlt.resource(name="initiative", write_disposition="append")
def deliveries(inbox: Path) -> Iterator[pa.Table]:
    """Each file as an Arrow table of texts, with its name and the number of each line."""
    for file in sorted(inbox.rglob("*.csv")):
        with file.open(encoding="utf-8", newline="") as lines:
            columns = [f"c{position}" for position, _ in enumerate(next(csv_module.reader(lines)))]
        table = csv.read_csv(
            file,
            read_options=csv.ReadOptions(column_names=columns, skip_rows=1),
            parse_options=csv.ParseOptions(newlines_in_values=True),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(columns, pa.string()), strings_can_be_null=True
            ),
        )
        lines = pa.array(range(2, table.num_rows + 2), pa.int32())
        yield table.append_column("file_name", pa.array([str(file)] * table.num_rows)).append_column(
            "line_number", lines
        )


def main(dsn: str, inbox: str) -> None:
    """Load the inbox."""
    began = time.perf_counter()
    pipeline = dlt.pipeline(
        "bench", destination=dlt.destinations.postgres(dsn), dataset_name="landing", pipelines_dir=sys.argv[3]
    )
    pipeline.run(deliveries(Path(inbox)), loader_file_format="csv")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(json.dumps({"seconds": time.perf_counter() - began, "peak_rss_kib": max(peak, children)}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
