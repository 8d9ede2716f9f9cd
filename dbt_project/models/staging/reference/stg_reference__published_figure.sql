select
    as_of,
    measure,
    scope,
    value,
    unit,
    basis,
    source_kind
from {{ ref('published_figures') }}
