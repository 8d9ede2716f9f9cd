{{ config(meta={'key': ['cluster_code']}) }}

with cluster as (

    select * from {{ ref('stg_reference__cluster') }}

),

dim_cluster as (

    select
        cluster_code,
        label_vi,
        label_en
    from cluster

)

select * from dim_cluster
