-- Run once by the postgres image, when its volume is empty: Airflow keeps its own tables beside the warehouse.
create database airflow;
