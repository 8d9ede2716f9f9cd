-- Run once by the postgres image, when its volume is empty: Airflow and Superset keep their own tables beside the
-- warehouse.
create database airflow;
create database superset;
