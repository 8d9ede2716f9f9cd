select
    unit_code,
    unit_name,
    unit_kind,
    province_code_2004,
    cluster_code,
    cluster_evidence
from {{ ref('units') }}
