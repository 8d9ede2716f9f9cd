select
    rank_no,
    unit_name,
    valid_count,
    completion_ratio
from marts.rpt_cluster_ranking
where as_of = {day} and cluster_code = {cluster}
order by rank_no
