"""Sáng kiến Warehouse: the library behind the DAGs and the command line."""
