with source as (

    select * from {{ ref('solution_types') }}

),

stg_reference__solution_type as (

    select
        solution_type_code,
        label_vi,
        label_en
    from source

)

select * from stg_reference__solution_type
