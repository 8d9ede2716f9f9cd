{{ config(meta={'key': ['rule_code']}) }}

with rule as (

    select * from {{ ref('stg_ops__rule') }}

),

dim_rule as (

    select
        rule_code,
        rule_name,
        dataset,
        judged,
        coalesce(verdict, 'none') as effect,
        column_names,
        message_vi,
        advice_vi,
        message_en,
        advice_en,
        holds_from,
        acts,
        source,
        rule_set
    from rule

)

select * from dim_rule
