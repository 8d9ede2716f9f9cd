{{ config(meta={'key': ['unit_code', 'as_of'], 'indexes': [{'columns': ['as_of']}]}) }}

with unit as (

    select * from {{ ref('dim_unit') }}
    where is_current

),

phase as (

    select * from {{ ref('dim_phase') }}

),

quota_in_force as (

    select * from {{ ref('int_quota_in_force') }}

),

verdict_change as (

    select * from {{ ref('fct_verdict_change') }}

),

day as (

    select day::date as as_of
    from generate_series(date '{{ var("first_day") }}', {{ horizon() }}, interval '1 day') as day

),

day_change as (

    select
        unit_code,
        as_of,
        sum(initiatives) filter (where verdict = 'valid') as valid_more,
        sum(initiatives) filter (where verdict <> 'withdrawn') as submitted_more
    from verdict_change
    group by unit_code, as_of

),

counted as (

    select
        unit.unit_code,
        day.as_of,
        (sum(coalesce(day_change.valid_more, 0)) over until_day)::integer as valid_count,
        (sum(coalesce(day_change.submitted_more, 0)) over until_day)::integer as submitted_count
    from unit
    cross join day
    left join day_change
        on unit.unit_code = day_change.unit_code and day.as_of = day_change.as_of
    window until_day as (partition by unit.unit_code order by day.as_of)

),

fct_unit_progress as (

    select
        counted.unit_code,
        counted.as_of,
        phase.phase_code,
        counted.valid_count,
        counted.submitted_count,
        quota_in_force.quota,
        quota_in_force.evidence as quota_evidence,
        'valid_over_assigned_quota_of_' || phase.phase_code as basis,
        {{ completion_ratio("counted.valid_count", "quota_in_force.quota") }} as completion_ratio
    from counted
    inner join phase
        on counted.as_of >= phase.in_force_from and counted.as_of < phase.in_force_to
    left join quota_in_force
        on
            counted.unit_code = quota_in_force.unit_code
            and counted.unit_code = quota_in_force.union_key
            and phase.phase_code = quota_in_force.phase_code
            and counted.as_of >= quota_in_force.in_force_from
            and counted.as_of < quota_in_force.in_force_to

)

select * from fct_unit_progress
