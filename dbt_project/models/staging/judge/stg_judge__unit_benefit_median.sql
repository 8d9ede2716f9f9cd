with source as (

    select * from {{ source('judge', 'unit_benefit_median') }}

),

stg_judge__unit_benefit_median as (

    select
        unit_code,
        median_vnd
    from source

)

select * from stg_judge__unit_benefit_median
