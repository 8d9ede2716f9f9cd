{{ config(meta={'key': ['unit_code', 'union_key', 'as_of_from']}) }}

with phase as (

    select * from {{ ref('dim_phase') }}

),

quota_in_force as (

    select * from {{ ref('int_quota_in_force') }}
    where union_key <> unit_code

),

union_change as (

    select * from {{ ref('fct_union_change') }}

),

with_quota as (

    select distinct
        unit_code,
        union_key
    from quota_in_force

),

change as (

    select
        union_change.unit_code,
        union_change.union_key,
        union_change.as_of,
        union_change.initiatives
    from union_change
    inner join with_quota
        on
            union_change.unit_code = with_quota.unit_code
            and union_change.union_key = with_quota.union_key

),

-- Wherever the count, the quota or the phase may change, a stretch begins.
cut as (

    select
        unit_code,
        union_key,
        as_of
    from change
    union
    select
        unit_code,
        union_key,
        in_force_from as as_of
    from quota_in_force
    union
    select
        with_quota.unit_code,
        with_quota.union_key,
        phase.in_force_from as as_of
    from with_quota
    cross join phase

),

stretch as (

    select
        cut.unit_code,
        cut.union_key,
        cut.as_of as as_of_from,
        lead(cut.as_of, 1, {{ open_end() }}) over until_day as as_of_to,
        (sum(coalesce(change.initiatives, 0)) over until_day)::integer as valid_count
    from cut
    left join change
        on
            cut.unit_code = change.unit_code
            and cut.union_key = change.union_key
            and cut.as_of = change.as_of
    window until_day as (partition by cut.unit_code, cut.union_key order by cut.as_of)

),

fct_union_progress as (

    select
        stretch.unit_code,
        stretch.union_key,
        stretch.as_of_from,
        stretch.as_of_to,
        phase.phase_code,
        stretch.valid_count,
        quota_in_force.quota,
        quota_in_force.evidence as quota_evidence,
        'valid_over_assigned_quota_of_' || phase.phase_code as basis,
        {{ completion_ratio('stretch.valid_count', 'quota_in_force.quota') }} as completion_ratio
    from stretch
    inner join phase
        on stretch.as_of_from >= phase.in_force_from and stretch.as_of_from < phase.in_force_to
    left join quota_in_force
        on
            stretch.unit_code = quota_in_force.unit_code
            and stretch.union_key = quota_in_force.union_key
            and phase.phase_code = quota_in_force.phase_code
            and stretch.as_of_from >= quota_in_force.in_force_from
            and stretch.as_of_from < quota_in_force.in_force_to

)

select * from fct_union_progress
