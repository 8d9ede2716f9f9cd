{{ config(meta={'key': ['solution_type_code']}) }}

with solution_type as (

    select * from {{ ref('stg_reference__solution_type') }}

),

dim_solution_type as (

    select
        solution_type_code,
        label_vi,
        label_en
    from solution_type

)

select * from dim_solution_type
