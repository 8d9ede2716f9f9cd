{{ config(meta={'key': ['rule_code']}) }}

with rule as (

    select * from {{ ref('stg_ops__rule') }}

),

dim_rule as (

    -- In the wording of the last rule set that has it.
    select distinct on (rule_code)
        rule_code,
        rule_name,
        dataset,
        judged,
        coalesce(verdict, 'none') as effect,
        column_names,
        message_vi,
        advice_vi,
        message_en,
        rule_set
    from rule
    order by rule_code asc, rule_set collate "C" desc

)

select * from dim_rule
