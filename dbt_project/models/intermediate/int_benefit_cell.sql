{{ config(materialized='table', unlogged=true) }}

with changed_overview as (

    select * from {{ ref('int_changed_overview') }}

),

export_day as (

    select * from {{ ref('int_export_day') }}

),

today as (

    select max(export_day) as as_of from export_day

),

day as (

    select changed_overview.export_day as as_of from changed_overview
    inner join today on changed_overview.export_day < today.as_of
    group by changed_overview.export_day

),

-- As of the last export, the current versions stand.
counted_now as (

    select
        today.as_of,
        benefit_amount.*
    from {{ ref('fct_benefit_amount') }} as benefit_amount
    cross join today

),

{{ benefit_cell_ctes(counted_now='counted_now') }},

int_benefit_cell as (

    select
        *,
        as_of = max(as_of) over () as is_now
    from benefit_cell

)

select * from int_benefit_cell
