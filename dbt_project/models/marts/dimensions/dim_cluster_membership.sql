{{ config(meta={'key': ['unit_code', 'valid_from']}) }}

with unit as (

    select * from {{ ref('stg_reference__unit') }}

),

cluster_change as (

    select * from {{ ref('stg_reference__cluster_change') }}

),

membership as (

    select
        unit_code,
        cluster_code,
        date '{{ var("first_day") }}' as valid_from,
        cluster_evidence as evidence
    from unit
    union all
    select
        unit_code,
        cluster_code,
        valid_from,
        evidence
    from cluster_change

),

dim_cluster_membership as (

    select
        unit_code,
        valid_from,
        lead(valid_from, 1, {{ open_end() }}) over (partition by unit_code order by valid_from) as valid_to,
        cluster_code,
        evidence
    from membership

)

select * from dim_cluster_membership
