with source as (

    select * from {{ source('judge', 'changed_initiative') }}

),

stg_judge__changed_initiative as (

    select
        publication_id,
        unit_code,
        code_key
    from source

)

select * from stg_judge__changed_initiative
