{{ config(materialized='standing_view') }}

with field_name as (

    select * from {{ ref('dim_field_name') }}

),

dim_field as (

    select
        field_key,
        (array_agg(field_name order by versions desc, field_name collate "C" asc))[1] as field_label,
        count(*)::integer as spellings,
        sum(versions)::integer as versions
    from field_name
    group by field_key

)

select * from dim_field
