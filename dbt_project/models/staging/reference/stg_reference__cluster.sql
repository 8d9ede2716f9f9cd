with source as (

    select * from {{ ref('clusters') }}

),

stg_reference__cluster as (

    select
        cluster_code,
        label_vi,
        label_en
    from source

)

select * from stg_reference__cluster
