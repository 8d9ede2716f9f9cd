{{ config(meta={'key': ['member_group_code']}) }}

with member_group as (

    select * from {{ ref('stg_reference__member_group') }}

),

dim_member_group as (

    select
        member_group_code,
        label_vi,
        label_en
    from member_group

)

select * from dim_member_group
