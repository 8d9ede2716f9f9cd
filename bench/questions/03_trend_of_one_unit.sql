select
    week_start,
    new_count,
    valid_count,
    completion_ratio,
    rank_no,
    rank_change
from marts.rpt_weekly
where unit_code = {unit}
order by week_start
