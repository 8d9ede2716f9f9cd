"""Assets: what DAGs hand to each other."""

from airflow.sdk import Asset

PUBLICATION = Asset("sangkien_publication", uri="sangkien://warehouse/marts")
"""Readers see another publication."""
