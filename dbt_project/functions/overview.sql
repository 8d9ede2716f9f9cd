with overview_date as (

    select
        as_of_date as as_of,
        as_of_date as export_day

),

day as (

    select as_of_date as as_of

),

{{ benefit_cell_ctes() }},

{{ overview_ctes() }}

select * from overview
