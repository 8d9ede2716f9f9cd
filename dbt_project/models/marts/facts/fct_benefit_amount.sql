{% set keys = [
    'unit_code', 'member_group_code', 'solution_type_code', 'content_category_code', 'benefit_class', 'is_in_vnd',
    'amount_vnd',
] -%}
{{ config(
    meta={
        'key': keys,
        'scope': keys,
        'changed': 'int_benefit_change',
        'plan_without': {'scoped': ['seqscan', 'hashjoin', 'mergejoin']},
    },
) }}

with change as (

    select * from {{ ref('int_benefit_change') }}

),

{{ tally_ctes(keys, keys, 'change') }},

fct_benefit_amount as (

    select
        unit_code,
        member_group_code,
        solution_type_code,
        content_category_code,
        benefit_class,
        is_in_vnd,
        amount_vnd,
        initiatives
    from tally

)

select * from fct_benefit_amount
