select
    unit_code,
    code_key,
    stretch_from,
    as_of_from,
    as_of_to,
    rule_codes
from {{ source('judge', 'duplicate_stretch') }}
