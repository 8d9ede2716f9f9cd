{% set keys = ['unit_code', 'submitted_day', 'verdict'] -%}
{% set scope = ['unit_code', 'submitted_day'] -%}
{{ config(
    meta={
        'key': keys,
        'scope': scope,
        'changed': 'int_version_change',
        'plan_without': {'scoped': ['seqscan', 'hashjoin', 'mergejoin']},
    },
) }}

with version_change as (

    select * from {{ ref('int_version_change') }}

),

change as (

    select
        unit_code,
        submitted_day,
        verdict,
        step
    from version_change
    where is_current

),

{{ tally_ctes(keys, scope, 'version_change') }},

fct_submission as (

    select
        unit_code,
        submitted_day,
        verdict,
        initiatives
    from tally

)

select * from fct_submission
