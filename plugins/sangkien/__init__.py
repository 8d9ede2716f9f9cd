"""Sáng kiến Warehouse: the library behind the DAGs and the command line."""

import os

# Deliveries are loaded by a process for each shard: threads of polars' own would only take the cores from each other.
# Polars reads this when it is imported.
os.environ.setdefault("POLARS_MAX_THREADS", "1")
