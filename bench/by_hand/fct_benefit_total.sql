create table completed_cell as
select
    c.*,
    coalesce(c.missing * d.quartiles[1], 0) as low_more,
    coalesce(c.missing * d.quartiles[2], 0) as median_more,
    coalesce(c.missing * d.quartiles[3], 0) as high_more,
    case when d.donors is null then 0 else c.missing end as imputed
from benefit_cell as c
inner join donor_of_day as d using (as_of, unit_kind, member_group_code, solution_type_code);

create table fct_benefit_total as
with total as (
    select
        s.scope,
        s.scope_code,
        sum(c.initiatives) as initiatives,
        sum(c.amounts) as amounts,
        sum(c.missing) as missing,
        sum(c.not_computable) as not_computable,
        sum(c.negative) as negative,
        sum(c.other_currency) as other_currency,
        sum(c.held_out) as held_out,
        sum(c.imputed) as imputed,
        sum(c.reported_vnd) as reported_vnd,
        sum(c.plausible_vnd) as plausible_vnd,
        sum(c.plausible_vnd) + sum(c.low_more) as completed_low_vnd,
        sum(c.plausible_vnd) + sum(c.median_more) as completed_vnd,
        sum(c.plausible_vnd) + sum(c.high_more) as completed_high_vnd
    from completed_cell as c
    cross join lateral (
        values
        ('programme', 'programme'),
        ('unit_kind', c.unit_kind),
        ('unit', c.unit_code),
        ('member_group', c.member_group_code),
        ('solution_type', c.solution_type_code),
        ('content_category', c.content_category_code)
    ) as s (scope, scope_code)
    where c.as_of = (select max(as_of) from benefit_cell)
    group by 1, 2
)

select
    t.*,
    m.method,
    round(m.amount_vnd::numeric) as amount_vnd,
    round(m.low_vnd::numeric) as low_vnd,
    round(m.high_vnd::numeric) as high_vnd
from total as t
cross join lateral (
    values
    ('reported', t.reported_vnd::float8, t.reported_vnd::float8, t.reported_vnd::float8),
    ('plausible', t.plausible_vnd::float8, t.plausible_vnd::float8, t.plausible_vnd::float8),
    ('completed', t.completed_vnd, t.completed_low_vnd, t.completed_high_vnd)
) as m (method, amount_vnd, low_vnd, high_vnd);
