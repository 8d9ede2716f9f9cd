select
    rule_code,
    sum(fired_count) as fired_count,
    sum(checked_count) as checked_count
from marts.rpt_data_quality
where unit_code = {unit}
group by rule_code
order by fired_count desc
