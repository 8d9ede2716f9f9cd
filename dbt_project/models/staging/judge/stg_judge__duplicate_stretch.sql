with source as (

    select * from {{ source('judge', 'duplicate_stretch') }}

),

stg_judge__duplicate_stretch as (

    select
        unit_code,
        code_key,
        stretch_from,
        as_of_from,
        as_of_to,
        rule_codes
    from source

)

select * from stg_judge__duplicate_stretch
