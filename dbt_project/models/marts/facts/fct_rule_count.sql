{% set keys = ['unit_code', 'export_week', 'rule_code'] -%}
{% set scope = ['unit_code', 'export_week'] -%}
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
        version_change.unit_code,
        version_change.export_week,
        told.rule_code,
        version_change.step
    from version_change
    -- `all`: the initiatives themselves, of which the others are a part.
    cross join lateral unnest(version_change.rule_codes || 'all'::text) as told (rule_code)
    where version_change.is_current

),

{{ tally_ctes(keys, scope, 'version_change') }},

fct_rule_count as (

    select
        unit_code,
        export_week,
        rule_code,
        initiatives
    from tally

)

select * from fct_rule_count
