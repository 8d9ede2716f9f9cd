{{ config(meta={'key': ['as_of'], 'scope': ['as_of'], 'changed': 'int_changed_overview'}) }}

with overview_date as (

    select * from {{ ref('int_changed_overview') }}
    where is_told

),

benefit_cell as (

    select * from {{ ref('int_benefit_cell') }}

),

{{ overview_ctes() }},

rpt_overview as (

    select * from overview

)

select * from rpt_overview
