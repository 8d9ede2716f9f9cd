{{ config(materialized='table', unlogged=true) }}

with changed_initiative as (

    select * from {{ ref('stg_judge__changed_initiative') }}

),

int_changed_initiative as (

    select distinct
        unit_code,
        code_key
    from changed_initiative
    where publication_id > {{ base() }} and {{ is_scoped() }}

)

select * from int_changed_initiative
