with counted as (
    select
        unit_code,
        date_trunc('week', submitted_on)::date as week_start,
        count(*) filter (where verdict <> 'withdrawn') as new_count,
        count(*) filter (where verdict = 'valid') as new_valid_count
    from {{ ref('initiative') }}
    where submitted_on is not null
    group by 1, 2
)

select
    *,
    sum(new_count) over until_week as submitted_count,
    sum(new_valid_count) over until_week as valid_count
from counted
window until_week as (partition by unit_code order by week_start)
