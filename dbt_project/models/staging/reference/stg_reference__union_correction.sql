select
    unit_code,
    upper_union,
    grassroots_union,
    correct_upper_union,
    correct_grassroots_union,
    applies_from,
    reason,
    source
from {{ ref('union_corrections') }}
