{{ config(materialized='standing_view', meta={'detail': true}) }}

with unit_progress as not materialized (

    select * from {{ ref('fct_unit_progress') }}

),

union_progress as (

    select * from {{ ref('fct_union_progress') }}

),

-- Not materialized: who asks for one unit finds its unions by the index.
union_now as not materialized (

    select * from {{ ref('dim_union') }}
    where is_current

),

author_phase as (

    select * from {{ ref('fct_author_phase') }}

),

told as (

    select max(as_of) as last_day from {{ ref('rpt_overview') }}

),

-- A phase is told as of its last day; the one in force as of the last day told.
phase_end as (

    select least(phase.in_force_to - 1, told.last_day) as as_of
    from {{ ref('dim_phase') }} as phase
    inner join told
        on phase.in_force_from <= told.last_day

),

-- Not from fct_quota_progress: of its many days a few are told here.
progress as (

    select
        phase_end.as_of,
        unit_progress.unit_code,
        unit_progress.unit_code as union_key,
        unit_progress.phase_code,
        unit_progress.valid_count,
        unit_progress.quota,
        unit_progress.quota_evidence,
        unit_progress.basis,
        unit_progress.completion_ratio
    from phase_end
    inner join unit_progress on phase_end.as_of = unit_progress.as_of
    union all
    select
        phase_end.as_of,
        union_progress.unit_code,
        union_progress.union_key,
        union_progress.phase_code,
        union_progress.valid_count,
        union_progress.quota,
        union_progress.quota_evidence,
        union_progress.basis,
        union_progress.completion_ratio
    from phase_end
    inner join union_progress
        on phase_end.as_of >= union_progress.as_of_from and phase_end.as_of < union_progress.as_of_to

),

union_candidate as (

    select
        progress.phase_code,
        'union' as candidate_kind,
        union_now.union_level,
        (row_number() over (
            partition by progress.phase_code, union_now.union_level
            order by progress.valid_count desc, progress.union_key collate "C" asc
        ))::integer as rank_no,
        progress.unit_code,
        progress.union_key,
        union_now.union_name,
        union_now.parent_union_key,
        null::uuid as author_key,
        progress.as_of,
        progress.valid_count,
        null::numeric as plausible_vnd,
        progress.quota,
        progress.quota_evidence,
        progress.basis,
        progress.completion_ratio
    from progress
    inner join union_now on progress.union_key = union_now.union_key
    where progress.valid_count >= progress.quota

),

-- A union with fewer candidates than may be told apart is told as its unit. Ranked before anything is joined: who asks
-- for the first hundred joins a hundred.
author_told as (

    select
        *,
        case
            when count(*) over (partition by phase_code, unit_code, union_key) >= {{ var('least_people_told') }}
                then union_key
            else unit_code
        end as told_union_key,
        (row_number() over (
            partition by phase_code, unit_code
            order by valid_count desc, plausible_vnd desc, author_key asc
        ))::integer as rank_no
    from author_phase
    where
        valid_count >= {{ var('reward_least_initiatives') }}
        and phase_code <> 'none'

),

author_candidate as (

    select
        author_told.phase_code,
        'author' as candidate_kind,
        union_now.union_level,
        author_told.rank_no,
        author_told.unit_code,
        author_told.told_union_key as union_key,
        union_now.union_name,
        union_now.parent_union_key,
        author_told.author_key,
        told.last_day as as_of,
        author_told.valid_count,
        author_told.plausible_vnd,
        null::numeric as quota,
        null as quota_evidence,
        'valid_submitted_in_phase' as basis,
        null::numeric as completion_ratio
    from author_told
    inner join union_now
        on author_told.told_union_key = union_now.union_key and author_told.unit_code = union_now.unit_code
    cross join told

),

rpt_reward_candidates as (

    select * from union_candidate
    union all
    select * from author_candidate

)

select * from rpt_reward_candidates
