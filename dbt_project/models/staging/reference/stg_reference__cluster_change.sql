select
    unit_code,
    cluster_code,
    valid_from,
    evidence
from {{ ref('cluster_changes') }}
