{{ config(materialized='standing_view') }}

with progress as (

    select * from {{ ref('fct_quota_progress') }}

),

union_now as (

    select * from {{ ref('dim_union') }}
    where is_current

),

-- A phase is told as of its last day; the one in force as of the last day told.
phase_end as (

    select
        phase.phase_code,
        least(phase.in_force_to - 1, told.last_day) as as_of
    from {{ ref('dim_phase') }} as phase
    inner join (select max(as_of) as last_day from {{ ref('fct_unit_progress') }}) as told
        on phase.in_force_from <= told.last_day

),

rpt_reward_candidates as (

    select
        phase_end.phase_code,
        union_now.union_level,
        (row_number() over (
            partition by phase_end.phase_code, union_now.union_level
            order by progress.valid_count desc, progress.union_key collate "C" asc
        ))::integer as rank_no,
        progress.unit_code,
        progress.union_key,
        union_now.union_name,
        union_now.parent_union_key,
        phase_end.as_of,
        progress.valid_count,
        progress.quota,
        progress.quota_evidence,
        progress.basis,
        progress.completion_ratio
    from phase_end
    inner join progress on phase_end.as_of = progress.as_of
    inner join union_now on progress.union_key = union_now.union_key
    where progress.valid_count >= progress.quota

)

select * from rpt_reward_candidates
