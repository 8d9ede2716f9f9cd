select
    category_kind,
    label_vi,
    valid_count,
    share_ratio
from marts.rpt_category_mix
where scope = 'unit' and scope_code = {unit}
order by category_kind, valid_count desc
