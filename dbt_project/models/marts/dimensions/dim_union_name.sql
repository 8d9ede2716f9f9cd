{% set keys = ['unit_code', 'union_key', 'upper_union_name', 'grassroots_union_name', 'is_corrected'] -%}
{% set scope = ['unit_code', 'union_key'] -%}
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
        union_key,
        upper_union_name,
        grassroots_union_name,
        union_corrected as is_corrected,
        step
    from version_change
    where upper_union_name <> '' or grassroots_union_name <> ''

),

{{ tally_ctes(keys, scope, 'version_change', measure='versions') }},

dim_union_name as (

    select
        unit_code,
        union_key,
        upper_union_name,
        grassroots_union_name,
        is_corrected,
        versions
    from tally

)

select * from dim_union_name
