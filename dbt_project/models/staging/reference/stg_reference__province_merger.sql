select
    old_code,
    old_name,
    new_code,
    new_name,
    merged_on,
    code_changed_owner
from {{ ref('province_merger_2025') }}
