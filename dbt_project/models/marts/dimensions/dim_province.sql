{{ config(meta={'key': ['province_code', 'valid_from']}) }}

with province_merger as (

    select * from {{ ref('stg_reference__province_merger') }}

),

dim_province as (

    select
        old_code as province_code,
        date '{{ var("first_day") }}' as valid_from,
        merged_on as valid_to,
        old_name as province_name,
        new_code as province_code_now,
        new_name as province_name_now
    from province_merger
    union all
    select distinct
        new_code,
        merged_on,
        {{ open_end() }},
        new_name,
        new_code,
        new_name
    from province_merger

)

select * from dim_province
