select
    solution_type_code,
    label_vi,
    label_en
from {{ ref('solution_types') }}
