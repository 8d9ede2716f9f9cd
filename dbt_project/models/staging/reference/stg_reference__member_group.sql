select
    member_group_code,
    label_vi,
    label_en
from {{ ref('member_groups') }}
