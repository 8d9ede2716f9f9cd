select
    publication_id,
    unit_code,
    code_key
from {{ source('judge', 'changed_initiative') }}
