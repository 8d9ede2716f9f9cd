select
    unit_kind,
    label_vi,
    label_en
from {{ ref('unit_kinds') }}
