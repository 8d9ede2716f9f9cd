select
    phase_code,
    label_vi,
    upload_from,
    upload_to,
    cumulative_quota,
    source
from {{ ref('phases') }}
