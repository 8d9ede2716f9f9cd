{{ config(materialized='standing_view') }}

-- Not materialized: who asks for one unit finds its rows by the index.
with rule_count as not materialized (

    select * from {{ ref('fct_rule_count') }}

),

rule as (

    select * from {{ ref('dim_rule') }}
    where judged in ('row', 'set') and dataset = 'initiatives'

),

rpt_data_quality as (

    select
        checked.unit_code,
        checked.export_week as week_start,
        to_char(checked.export_week, 'IYYY-"W"IW') as iso_week_label,
        rule.rule_code,
        rule.rule_name,
        rule.effect,
        coalesce(fired.initiatives, 0) as fired_count,
        checked.initiatives as checked_count,
        'current_initiatives_that_broke_the_rule_over_those_exported_in_the_week' as basis,
        round(coalesce(fired.initiatives, 0)::numeric / checked.initiatives, 6) as fired_ratio
    from rule_count as checked
    cross join rule
    left join rule_count as fired
        on
            checked.unit_code = fired.unit_code
            and checked.export_week = fired.export_week
            and rule.rule_code = fired.rule_code
    where checked.rule_code = 'all'

)

select * from rpt_data_quality
