with source as (

    select * from {{ ref('member_groups') }}

),

stg_reference__member_group as (

    select
        member_group_code,
        label_vi,
        label_en
    from source

)

select * from stg_reference__member_group
