select
    unit_code,
    code_key,
    as_of_from,
    as_of_to,
    delivery_no,
    line_number,
    left_out,
    verdict,
    rule_codes
from {{ source('judge', 'initiative_stretch') }}
