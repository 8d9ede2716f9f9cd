select
    unit_code,
    median_vnd
from {{ source('judge', 'unit_benefit_median') }}
