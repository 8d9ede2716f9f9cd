-- Three methods side by side: as reported, what is plausible, and completed by the median of the like.
with valid as (
    select
        i.*,
        u.unit_kind,
        percentile.median_vnd
    from {{ ref('initiative') }} as i
    inner join {{ ref('units') }} as u on i.unit_code = u.unit_code
    left join (
        select
            unit_code,
            percentile_cont(0.5) within group (order by benefit_vnd) as median_vnd
        from {{ ref('initiative') }}
        where verdict = 'valid'
        group by 1
        having count(benefit_vnd) >= 30
    ) as percentile on i.unit_code = percentile.unit_code
    where i.verdict = 'valid'
),

told as (
    select
        *,
        case when benefit_vnd >= 0 and benefit_vnd <= least(100000000000, 1000 * median_vnd) then benefit_vnd end
            as plausible_vnd
    from valid
),

donor as (
    select
        unit_kind,
        member_group_code,
        solution_type_code,
        percentile_cont(0.5) within group (order by plausible_vnd) as median_vnd
    from told
    where plausible_vnd is not null
    group by 1, 2, 3
),

completed as (
    select
        t.*,
        coalesce(
            t.plausible_vnd,
            case when t.benefit_vnd is null and coalesce(t.benefit_computable_key, '') <> 'khong' then d.median_vnd end
        ) as completed_vnd
    from told as t
    left join donor as d
        on
            t.unit_kind = d.unit_kind
            and t.member_group_code is not distinct from d.member_group_code
            and t.solution_type_code is not distinct from d.solution_type_code
),

scoped as (
    select
        case when grouping(unit_code) = 0 then 'unit' else 'programme' end as scope,
        coalesce(unit_code, 'programme') as scope_code,
        coalesce(sum(benefit_vnd) filter (where benefit_vnd >= 0), 0) as reported,
        coalesce(sum(plausible_vnd), 0) as plausible,
        coalesce(sum(completed_vnd), 0) as completed
    from completed
    group by grouping sets ((), (unit_code))
)

select
    s.scope,
    s.scope_code,
    m.method,
    m.amount_vnd
from scoped as s
cross join lateral (
    values ('reported', s.reported::float8), ('plausible', s.plausible::float8), ('completed', s.completed::float8)
) as m (method, amount_vnd)
