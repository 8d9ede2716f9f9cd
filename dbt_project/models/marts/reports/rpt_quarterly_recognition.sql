{{ config(meta={'key': ['unit_code', 'quarter_start']}) }}

with submission as (

    select * from {{ ref('fct_submission') }}
    where verdict = 'valid'

),

quota_in_force as (

    select * from {{ ref('int_quota_in_force') }}
    where in_force_from <= {{ horizon() }} and in_force_to > {{ horizon() }}

),

phase as (

    select * from {{ ref('dim_phase') }}

),

day as (

    select * from {{ ref('dim_date') }}

),

unit as (

    select * from {{ ref('dim_unit') }}

),

quarter as (

    select distinct
        day.quarter_start,
        day.quarter_end,
        day.quarter_label,
        least(day.quarter_end, {{ horizon() }}) as member_on
    from day
    inner join phase on day.date_day between phase.upload_from and phase.upload_to
    where day.quarter_start <= {{ horizon() }}

),

phase_quota as (

    select
        unit.unit_code,
        phase.phase_code,
        phase.upload_from,
        phase.upload_to,
        -- Quotas are cumulative: what a phase adds is known where those of all phases up to it are.
        quota_in_force.quota - case
            when row_number() over in_order = 1 then 0
            else lag(quota_in_force.quota) over in_order
        end as added_quota
    from unit
    cross join phase
    left join quota_in_force
        on unit.unit_code = quota_in_force.union_key and phase.phase_code = quota_in_force.phase_code
    where unit.is_current
    window in_order as (partition by unit.unit_code order by phase.upload_from)

),

quarter_quota as (

    select
        phase_quota.unit_code,
        quarter.quarter_start,
        case
            when count(phase_quota.added_quota) = count(*)
                then sum(
                    phase_quota.added_quota
                    * (
                        least(quarter.quarter_end, phase_quota.upload_to)
                        - greatest(quarter.quarter_start, phase_quota.upload_from) + 1
                    )
                    / (phase_quota.upload_to - phase_quota.upload_from + 1)
                )
        end as quarter_quota
    from quarter
    inner join phase_quota
        on quarter.quarter_start <= phase_quota.upload_to and quarter.quarter_end >= phase_quota.upload_from
    group by phase_quota.unit_code, quarter.quarter_start

),

counted as (

    select
        unit_code,
        date_trunc('quarter', submitted_day)::date as quarter_start,
        sum(initiatives)::integer as valid_count
    from submission
    group by unit_code, date_trunc('quarter', submitted_day)

),

compared as (

    select
        unit.unit_code,
        unit.unit_name,
        unit.cluster_code,
        quarter.quarter_start,
        quarter.quarter_end,
        quarter.quarter_label,
        coalesce(counted.valid_count, 0) as valid_count,
        quarter_quota.quarter_quota,
        rank() over (
            partition by quarter.quarter_start, unit.cluster_code
            order by coalesce(counted.valid_count, 0) desc
        )::integer as cluster_rank_no
    from quarter
    inner join unit on quarter.member_on >= unit.valid_from and quarter.member_on < unit.valid_to
    left join counted
        on unit.unit_code = counted.unit_code and quarter.quarter_start = counted.quarter_start
    left join quarter_quota
        on unit.unit_code = quarter_quota.unit_code and quarter.quarter_start = quarter_quota.quarter_start

),

rpt_quarterly_recognition as (

    select
        unit_code,
        unit_name,
        cluster_code,
        quarter_start,
        quarter_end,
        quarter_label,
        quarter_end <= {{ horizon() }} as is_over,
        valid_count,
        trim_scale(round(quarter_quota, 6)) as quarter_quota,
        'valid_submitted_in_the_quarter_over_its_share_of_the_assigned_quotas' as basis,
        {{ completion_ratio('valid_count', 'quarter_quota') }} as completion_ratio,
        cluster_rank_no,
        cluster_rank_no = 1 as is_most_of_cluster,
        coalesce(valid_count > quarter_quota, false) as is_above_quota,
        cluster_rank_no = 1 and coalesce(valid_count > quarter_quota, false) as is_recognised
    from compared

)

select * from rpt_quarterly_recognition
