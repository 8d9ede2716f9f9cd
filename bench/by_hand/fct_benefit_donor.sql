-- The percentiles, once for every day that is told; fct_benefit_total and rpt_overview add them up.
create table valid_version as
select
    d.as_of,
    v.unit_code,
    u.unit_kind,
    coalesce(v.member_group_code, 'unknown') as member_group_code,
    coalesce(v.solution_type_code, 'unknown') as solution_type_code,
    coalesce(v.content_category_code, 'unknown') as content_category_code,
    case
        when v.benefit_state in ('amount', 'other_currency') and coalesce(v.benefit_vnd, v.benefit_amount) < 0
            then 'negative'
        when v.benefit_state = 'unreadable' then 'missing'
        else v.benefit_state
    end as benefit_class,
    v.benefit_vnd
from fct_initiative_version as v
inner join overview_day as d on v.as_of_from <= d.as_of and v.as_of_to > d.as_of
inner join reference.units as u on v.unit_code = u.unit_code
where v.verdict = 'valid';
analyze valid_version;

create table unit_limit as
select
    as_of,
    unit_code,
    case
        when count(benefit_vnd) >= 30
            then least(100000000000, 1000 * percentile_cont(0.5) within group (order by benefit_vnd))
        else 100000000000
    end as limit_vnd
from valid_version
group by 1, 2;

create table donor as
select
    v.as_of,
    v.unit_kind,
    v.member_group_code,
    v.solution_type_code,
    grouping(v.member_group_code, v.solution_type_code) as width,
    count(*) as donors,
    percentile_cont(array[0.25, 0.5, 0.75]) within group (order by v.benefit_vnd) as quartiles
from valid_version as v
inner join unit_limit as l on v.as_of = l.as_of and v.unit_code = l.unit_code and v.benefit_vnd <= l.limit_vnd
where v.benefit_class = 'amount'
group by
    v.as_of,
    v.unit_kind,
    grouping sets ((v.member_group_code, v.solution_type_code), (v.member_group_code), ());

create table benefit_cell as
select
    v.as_of,
    v.unit_code,
    v.unit_kind,
    v.member_group_code,
    v.solution_type_code,
    v.content_category_code,
    count(*) as initiatives,
    count(*) filter (where v.benefit_class = 'amount') as amounts,
    count(*) filter (where v.benefit_class = 'missing') as missing,
    count(*) filter (where v.benefit_class = 'not_computable') as not_computable,
    count(*) filter (where v.benefit_class = 'negative') as negative,
    count(*) filter (where v.benefit_class = 'other_currency') as other_currency,
    count(*) filter (where v.benefit_class = 'amount' and v.benefit_vnd > l.limit_vnd) as held_out,
    coalesce(sum(v.benefit_vnd) filter (where v.benefit_class = 'amount'), 0) as reported_vnd,
    coalesce(sum(v.benefit_vnd) filter (where v.benefit_class = 'amount' and v.benefit_vnd <= l.limit_vnd), 0)
        as plausible_vnd
from valid_version as v
inner join unit_limit as l on v.as_of = l.as_of and v.unit_code = l.unit_code
group by 1, 2, 3, 4, 5, 6;

create table donor_of_day as
select
    c.as_of,
    c.unit_kind,
    c.member_group_code,
    c.solution_type_code,
    case
        when t.donors is not null then 'solution_type' when g.donors is not null then 'member_group'
        when k.donors is not null then 'unit_kind'
    end as donor_level,
    coalesce(t.donors, g.donors, k.donors) as donors,
    coalesce(t.quartiles, g.quartiles, k.quartiles) as quartiles
from (select distinct as_of, unit_kind, member_group_code, solution_type_code from benefit_cell) as c
left join donor as t
    on
        c.as_of = t.as_of
        and c.unit_kind = t.unit_kind
        and c.member_group_code = t.member_group_code
        and c.solution_type_code = t.solution_type_code
        and t.width = 0
        and t.donors >= 5
left join donor as g
    on
        c.as_of = g.as_of
        and c.unit_kind = g.unit_kind
        and c.member_group_code = g.member_group_code
        and g.width = 1
        and g.donors >= 5
left join donor as k on c.as_of = k.as_of and c.unit_kind = k.unit_kind and k.width = 3;

create table fct_benefit_donor as
select
    unit_kind,
    member_group_code,
    solution_type_code,
    donor_level,
    donors,
    quartiles[2] as donor_median_vnd,
    quartiles[1] as donor_low_vnd,
    quartiles[3] as donor_high_vnd
from donor_of_day
where as_of = (select max(as_of) from donor_of_day);
