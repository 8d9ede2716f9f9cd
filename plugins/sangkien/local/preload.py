"""What tasks import, imported once: Airflow forks its tasks from a process that has imported this module.

Importing it anew takes longer than most tasks (AIRFLOW__SCHEDULER__MP_FORKSERVER_PRELOAD, in sangkien.local.airflow). A
fork takes no threads along, so nothing here may start a thread that it needs later: polars starts its own when it first
computes, not when it is imported (tests/local/test_airflow.py).
"""

import airflow.__main__
import airflow.dag_processing.dagbag
import airflow.executors.local_executor
import airflow.providers.openlineage.plugins.listener
import airflow.sdk.execution_time.supervisor
import airflow.sdk.execution_time.task_runner  # noqa: F401
import dbt.cli.main  # noqa: F401

import sangkien.pipeline
import sangkien.warehouse.gate_page  # noqa: F401
