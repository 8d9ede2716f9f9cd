"""Lineage: which tables each stage reads and writes, as OpenLineage events of the Airflow task that runs it.

Only names of tables and folders and counts of rows are told. Airflow's provider sends the events to where Airflow's own
settings say (a file by default); outside of a task nothing happens.
"""

import sys
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from psycopg.conninfo import conninfo_to_dict

INBOX, OUTBOX = "inbox", "outbox"
_LANDED = ("landing.initiative", "landing.quota", "landing.rejected_row", "staging.initiative", "staging.quota")
_JUDGED = ("intermediate.initiative_stretch", "intermediate.duplicate_stretch", "intermediate.changed_initiative")

# stage: what it reads, and what it writes. `build` writes what it says itself (`by_mart`).
FLOWS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "load": ((INBOX,), ("ops.delivery", *_LANDED)),
    "judge": (("ops.delivery", "staging.initiative"), _JUDGED),
    "build": ((*_JUDGED, "staging.initiative", "staging.quota", "ops.delivery"), ()),
    "gate": ((*_JUDGED, "staging.initiative"), ("ops.gate_result",)),
    "publish": (("ops.publication",), ("ops.current_publication",)),
    "receipts": (("ops.delivery", "landing.initiative", *_JUDGED), (OUTBOX,)),
}


def tell(stage: str, dsn: str, folders: Mapping[str, str], detail: Mapping[str, Any]) -> None:
    """Tell what a stage has read and written, if it runs in a task of Airflow.

    Args:
        stage: One of FLOWS; others have no lineage.
        dsn: The warehouse.
        folders: Where the inbox and the outbox are.
        detail: What the stage says of itself: `rows`, and `by_mart` for a build.
    """
    if stage not in FLOWS or "airflow.sdk.execution_time.task_runner" not in sys.modules:
        return
    from airflow.providers.openlineage.api import emit_dataset_lineage  # noqa: PLC0415 - only in a task
    from openlineage.client.event_v2 import Dataset, InputDataset, OutputDataset  # noqa: PLC0415
    from openlineage.client.facet_v2 import OutputDatasetFacet, output_statistics_output_dataset  # noqa: PLC0415

    reads, writes = FLOWS[stage]
    marts: dict[str, int] = detail.get("by_mart", {})
    outputs: list[OutputDataset | Dataset] = [OutputDataset(*_named(dataset, dsn, folders)) for dataset in writes]
    for mart, rows in marts.items():
        statistics = output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(rowCount=rows)
        counted: dict[str, OutputDatasetFacet] = {"outputStatistics": statistics}
        outputs.append(OutputDataset(*_named(f"warehouse.{mart}", dsn, folders), outputFacets=counted))
        outputs.append(OutputDataset(*_named(f"marts.{mart}", dsn, folders)))
    emit_dataset_lineage(inputs=[InputDataset(*_named(dataset, dsn, folders)) for dataset in reads], outputs=outputs)


def _named(dataset: str, dsn: str, folders: Mapping[str, str]) -> tuple[str, str]:
    """The namespace and the name of a dataset, by OpenLineage's conventions."""
    if dataset in folders:
        parts = urlsplit(folders[dataset])
        namespace = f"{parts.scheme}://{parts.hostname}" if parts.scheme else "file"
        return namespace, parts.path
    server = conninfo_to_dict(dsn)
    namespace = f"postgres://{server.get('host', 'localhost')}:{server.get('port', 5432)}"
    return namespace, f"{server.get('dbname', '')}.{dataset}"
