{{ config(meta={'key': ['union_key']}) }}

with unit as (

    select * from {{ ref('stg_reference__unit') }}

),

unit_kind as (

    select * from {{ ref('stg_reference__unit_kind') }}

),

dim_union as (

    select
        unit.unit_code as union_key,
        unit.unit_code,
        'unit' as union_level,
        unit.unit_name as union_name,
        unit.unit_kind,
        unit_kind.label_vi as unit_kind_vi,
        unit_kind.label_en as unit_kind_en,
        unit.province_code_2004,
        unit.cluster_code,
        unit.cluster_evidence
    from unit
    inner join unit_kind on unit.unit_kind = unit_kind.unit_kind

)

select * from dim_union
