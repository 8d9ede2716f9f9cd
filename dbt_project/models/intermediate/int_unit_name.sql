{{ config(materialized='table', unlogged=true, indexes=[{'columns': ['unit_code'], 'unique': true}]) }}

with unit as (

    select * from {{ ref('stg_reference__unit') }}

),

int_unit_name as (

    select
        unit_code,
        unit_name,
        {{ match_key('unit_name') }} as name_key
    from unit

)

select * from int_unit_name
