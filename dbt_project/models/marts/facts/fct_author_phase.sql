{% set keys = ['unit_code', 'union_key', 'author_key', 'phase_code'] -%}
{{ config(
    meta={
        'key': ['unit_code', 'author_key', 'phase_code'],
        'detail': true,
        'scope': ['unit_code', 'author_key'],
        'changed': 'int_version_change',
        'indexes': [{'columns': ['unit_code', 'valid_count'], 'where': 'valid_count > 1'}],
        'plan_without': {'scoped': ['seqscan', 'hashjoin', 'mergejoin']},
    },
) }}

with version_change as (

    select * from {{ ref('int_version_change') }}

),

phase as (

    select * from {{ ref('dim_phase') }}

),

change as (

    select
        version_change.unit_code,
        version_change.union_key,
        version_change.author_key,
        coalesce(phase.phase_code, 'none') as phase_code,
        sum(version_change.step) as step,
        coalesce(sum(version_change.step) filter (where version_change.verdict = 'valid'), 0) as valid_count,
        coalesce(
            sum(version_change.step * version_change.benefit_vnd) filter (
                where version_change.verdict = 'valid'
                and version_change.benefit_vnd >= 0
                and 'W04' <> all(version_change.rule_codes)
            ), 0
        ) as plausible_vnd
    from version_change
    left join phase
        on version_change.submitted_day between phase.upload_from and phase.upload_to
    where version_change.is_current and version_change.verdict <> 'withdrawn' and version_change.author_key is not null
    group by
        version_change.unit_code,
        version_change.union_key,
        version_change.author_key,
        coalesce(phase.phase_code, 'none')

),

{{ tally_ctes(
    keys, ['unit_code', 'author_key'], 'version_change', measure='submitted_count', sums=['valid_count', 'plausible_vnd']
) }},

fct_author_phase as (

    select
        unit_code,
        union_key,
        author_key,
        phase_code,
        submitted_count,
        valid_count::integer as valid_count,
        plausible_vnd
    from tally

)

select * from fct_author_phase
