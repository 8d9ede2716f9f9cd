select
    unit_code,
    delivery_no,
    line_number,
    export_date,
    nullif(union_key, '') as union_key,
    union_name,
    nullif(parent_union_key, '') as parent_union_key,
    parent_union_name,
    phase_code,
    quota_type,
    trim_scale(quota) as quota,
    decision_number,
    effective_from
from {{ source('intake', 'quota') }}
