with source as (

    select * from {{ ref('phases') }}

),

stg_reference__phase as (

    select
        phase_code,
        label_vi,
        upload_from,
        upload_to,
        cumulative_quota,
        source
    from source

)

select * from stg_reference__phase
