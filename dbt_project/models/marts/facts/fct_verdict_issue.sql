{{ config(materialized='standing_view') }}

with initiative as (

    select * from {{ ref('fct_initiative') }}

),

fct_verdict_issue as (

    select
        initiative.unit_code,
        initiative.initiative_code,
        fired.rule_code,
        initiative.file_name,
        initiative.line_number
    from initiative
    cross join lateral unnest(initiative.rule_codes) as fired (rule_code)

)

select * from fct_verdict_issue
