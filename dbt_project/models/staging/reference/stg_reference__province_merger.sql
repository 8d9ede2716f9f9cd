with source as (

    select * from {{ ref('province_merger_2025') }}

),

stg_reference__province_merger as (

    select
        old_code,
        old_name,
        new_code,
        new_name,
        merged_on,
        code_changed_owner
    from source

)

select * from stg_reference__province_merger
