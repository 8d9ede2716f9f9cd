with counted as (
    select
        unit_code,
        count(*) filter (where verdict <> 'withdrawn') as submitted,
        count(*) filter (where verdict = 'valid') as valid
    from {{ ref('initiative') }}
    group by 1
)

select
    u.unit_code,
    u.unit_name,
    u.cluster_code,
    coalesce(c.submitted, 0) as submitted,
    coalesce(c.valid, 0) as valid,
    q.quota,
    rank() over (order by c.valid::numeric / nullif(q.quota, 0) desc nulls last, c.valid desc nulls last, u.unit_code)
        as rank_no
from {{ ref('units') }} as u
left join counted as c on u.unit_code = c.unit_code
left join {{ ref('quotas_published') }} as q
    on u.unit_code = q.unit_code and q.phase_code = 'phase_2' and q.quota_type = 'assigned'
