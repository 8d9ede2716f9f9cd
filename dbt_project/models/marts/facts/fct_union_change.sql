{% set keys = ['unit_code', 'union_key', 'as_of'] -%}
{{ config(
    meta={
        'key': keys,
        'scope': keys,
        'changed': 'int_union_change',
        'plan_without': {'scoped': ['seqscan', 'hashjoin', 'mergejoin']},
    },
) }}

with change as (

    select * from {{ ref('int_union_change') }}

),

{{ tally_ctes(keys, keys, 'change') }},

fct_union_change as (

    select
        unit_code,
        union_key,
        as_of,
        initiatives
    from tally

)

select * from fct_union_change
