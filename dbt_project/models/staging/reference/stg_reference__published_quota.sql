with source as (

    select * from {{ ref('quotas_published') }}

),

stg_reference__published_quota as (

    select
        unit_code,
        phase_code,
        quota_type,
        trim_scale(quota) as quota,
        evidence,
        note
    from source

)

select * from stg_reference__published_quota
