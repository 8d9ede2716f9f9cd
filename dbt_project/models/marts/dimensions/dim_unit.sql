{{ config(meta={'key': ['unit_code', 'valid_from']}) }}

with unit as (

    select * from {{ ref('stg_reference__unit') }}

),

unit_kind as (

    select * from {{ ref('stg_reference__unit_kind') }}

),

cluster_membership as (

    select * from {{ ref('dim_cluster_membership') }}

),

dim_unit as (

    select
        unit.unit_code,
        unit.unit_name,
        cluster_membership.valid_from,
        cluster_membership.valid_to,
        cluster_membership.valid_to = {{ open_end() }} as is_current,
        unit.unit_kind,
        unit_kind.label_vi as unit_kind_vi,
        unit_kind.label_en as unit_kind_en,
        unit.province_code_2004,
        cluster_membership.cluster_code,
        cluster_membership.evidence as cluster_evidence
    from unit
    inner join unit_kind on unit.unit_kind = unit_kind.unit_kind
    inner join cluster_membership on unit.unit_code = cluster_membership.unit_code

)

select * from dim_unit
