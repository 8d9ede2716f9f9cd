select
    rank_no,
    unit_name,
    valid_count,
    quota,
    completion_ratio
from marts.rpt_unit_ranking
where as_of = {day}
order by rank_no
