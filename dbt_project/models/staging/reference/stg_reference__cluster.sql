select
    cluster_code,
    label_vi,
    label_en
from {{ ref('clusters') }}
