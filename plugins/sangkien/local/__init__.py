"""What runs on one machine: the embedded PostgreSQL, and Airflow under a small supervisor."""
