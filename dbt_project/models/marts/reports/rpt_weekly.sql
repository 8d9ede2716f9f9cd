{{ config(meta={'key': ['unit_code', 'week_start']}) }}

with submission as (

    select * from {{ ref('fct_submission') }}
    where submitted_day < {{ open_end() }}

),

standing as (

    select * from {{ ref('int_unit_standing') }}

),

unit as (

    select * from {{ ref('dim_unit') }}
    where is_current

),

counted as (

    select
        unit_code,
        date_trunc('week', submitted_day)::date as week_start,
        coalesce(sum(initiatives) filter (where verdict <> 'withdrawn'), 0)::integer as new_count,
        coalesce(sum(initiatives) filter (where verdict = 'valid'), 0)::integer as new_valid_count
    from submission
    group by unit_code, date_trunc('week', submitted_day)

),

-- All weeks of the programme up to the horizon, and whatever other week a date fell into.
week as (

    select week_start::date as week_start
    from
        generate_series(
            date_trunc('week', date '{{ var("first_day") }}'), {{ horizon() }}, interval '1 week'
        ) as programme (week_start)
    union
    select week_start from counted

),

cumulative as (

    select
        unit.unit_code,
        week.week_start,
        least(week.week_start + 6, {{ horizon() }}) as quota_as_of,
        coalesce(counted.new_count, 0) as new_count,
        coalesce(counted.new_valid_count, 0) as new_valid_count,
        (sum(coalesce(counted.new_count, 0)) over until_week)::integer as submitted_count,
        (sum(coalesce(counted.new_valid_count, 0)) over until_week)::integer as valid_count
    from unit
    cross join week
    left join counted
        on unit.unit_code = counted.unit_code and week.week_start = counted.week_start
    window until_week as (partition by unit.unit_code order by week.week_start)

),

measured as (

    select
        cumulative.*,
        standing.cluster_code,
        standing.phase_code,
        standing.quota,
        standing.basis
    from cumulative
    left join standing
        on cumulative.unit_code = standing.unit_code and cumulative.quota_as_of = standing.as_of

),

ranked as (

    select
        *,
        {{ rank_by_completion('week_start') }} as rank_no,
        {{ rank_by_completion('week_start, cluster_code') }} as cluster_rank_no
    from measured

),

rpt_weekly as (

    select
        unit_code,
        week_start,
        week_start + 6 as week_end,
        to_char(week_start, 'IYYY-"W"IW') as iso_week_label,
        new_count,
        new_valid_count,
        submitted_count,
        valid_count,
        phase_code,
        quota,
        basis,
        {{ completion_ratio('valid_count', 'quota') }} as completion_ratio,
        rank_no,
        lag(rank_no) over before - rank_no as rank_change,
        cluster_code,
        cluster_rank_no,
        lag(cluster_rank_no) over before - cluster_rank_no as cluster_rank_change
    from ranked
    window before as (partition by unit_code order by week_start)

)

select * from rpt_weekly
