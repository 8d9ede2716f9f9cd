{{ config(materialized='table', unlogged=true) }}

with changed_overview as (

    select * from {{ ref('int_changed_overview') }}

),

export_day as (

    select * from {{ ref('int_export_day') }}

),

day as (

    select export_day as as_of from changed_overview
    where export_day is not null
    union
    select max(export_day) from export_day

),

{{ benefit_cell_ctes() }},

int_benefit_cell as (

    select
        *,
        as_of = max(as_of) over () as is_now
    from benefit_cell

)

select * from int_benefit_cell
