with source as (

    select * from {{ ref('unit_kinds') }}

),

stg_reference__unit_kind as (

    select
        unit_kind,
        label_vi,
        label_en
    from source

)

select * from stg_reference__unit_kind
