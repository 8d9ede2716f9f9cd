select
    unit_code,
    phase_code,
    quota_type,
    trim_scale(quota) as quota,
    evidence,
    note
from {{ ref('quotas_published') }}
