{{ config(meta={'key': ['province_code', 'valid_from']}) }}

with province_merger as (

    select * from {{ ref('stg_reference__province_merger') }}

),

province_now as (

    select distinct
        new_code,
        new_name,
        merged_on
    from province_merger

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
    select
        province_now.new_code as province_code,
        province_now.merged_on as valid_from,
        {{ open_end() }} as valid_to,
        province_now.new_name as province_name,
        province_now.new_code as province_code_now,
        province_now.new_name as province_name_now
    from province_now

)

select * from dim_province
