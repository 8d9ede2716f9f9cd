with source as (

    select * from {{ ref('units') }}

),

stg_reference__unit as (

    select
        unit_code,
        unit_name,
        unit_kind,
        province_code_2004,
        cluster_code,
        cluster_evidence
    from source

)

select * from stg_reference__unit
