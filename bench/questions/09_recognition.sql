select
    quarter_label,
    cluster_code,
    unit_name,
    valid_count,
    quarter_quota
from marts.rpt_quarterly_recognition
where is_recognised
order by quarter_label, cluster_code
