create table rpt_overview as
select
    d.as_of,
    v.submitted,
    v.valid,
    v.invalid,
    v.under_review,
    v.withdrawn,
    g.valid_by_member_group,
    v.valid as quota_numerator,
    p.cumulative_quota as quota_denominator,
    'valid_over_cumulative_quota_of_' || p.phase_code as quota_basis,
    b.benefit_reported_vnd,
    b.benefit_plausible_vnd,
    b.benefit_completed_vnd,
    b.benefit_completed_low_vnd,
    b.benefit_completed_high_vnd
from overview_day as d
inner join dim_phase as p on d.as_of >= p.in_force_from and d.as_of < p.in_force_to
cross join lateral (
    select
        sum(initiatives) filter (where verdict <> 'withdrawn') as submitted,
        sum(initiatives) filter (where verdict = 'valid') as valid,
        sum(initiatives) filter (where verdict = 'invalid') as invalid,
        sum(initiatives) filter (where verdict = 'under_review') as under_review,
        sum(initiatives) filter (where verdict = 'withdrawn') as withdrawn
    from fct_verdict_change
    where as_of <= d.as_of
) as v
cross join lateral (
    select jsonb_object_agg(member_group_code, valid) as valid_by_member_group
    from (
        select
            member_group_code,
            sum(initiatives) as valid
        from fct_verdict_change
        where as_of <= d.as_of and verdict = 'valid'
        group by 1
    ) as of_group
) as g
cross join lateral (
    select
        sum(reported_vnd) as benefit_reported_vnd,
        sum(plausible_vnd) as benefit_plausible_vnd,
        round((sum(plausible_vnd) + sum(median_more))::numeric) as benefit_completed_vnd,
        round((sum(plausible_vnd) + sum(low_more))::numeric) as benefit_completed_low_vnd,
        round((sum(plausible_vnd) + sum(high_more))::numeric) as benefit_completed_high_vnd
    from completed_cell
    where as_of = d.as_of
) as b;
