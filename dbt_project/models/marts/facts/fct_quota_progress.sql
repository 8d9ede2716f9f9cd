{{ config(meta={'key': ['unit_code', 'union_key', 'as_of']}) }}

with unit as (

    select * from {{ ref('dim_union') }}

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

valid_change as (

    select
        unit_code,
        as_of,
        sum(initiatives) as initiatives
    from verdict_change
    where verdict = 'valid'
    group by unit_code, as_of

),

counted as (

    select
        unit.unit_code,
        unit.union_key,
        day.as_of,
        (
            sum(coalesce(valid_change.initiatives, 0)) over (partition by unit.unit_code order by day.as_of)
        )::integer as valid_count
    from unit
    cross join day
    left join valid_change
        on unit.unit_code = valid_change.unit_code and day.as_of = valid_change.as_of
    where unit.union_level = 'unit'

),

fct_quota_progress as (

    select
        counted.unit_code,
        counted.union_key,
        counted.as_of,
        phase.phase_code,
        counted.valid_count,
        quota_in_force.quota,
        quota_in_force.evidence as quota_evidence,
        'valid_over_assigned_quota_of_' || phase.phase_code as basis,
        round(counted.valid_count / nullif(quota_in_force.quota, 0), 6) as completion_ratio
    from counted
    inner join phase
        on counted.as_of >= phase.in_force_from and counted.as_of < phase.in_force_to
    left join quota_in_force
        on
            counted.unit_code = quota_in_force.unit_code
            and counted.union_key = quota_in_force.union_key
            and phase.phase_code = quota_in_force.phase_code
            and counted.as_of >= quota_in_force.in_force_from
            and counted.as_of < quota_in_force.in_force_to

)

select * from fct_quota_progress
