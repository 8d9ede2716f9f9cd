{{ config(meta={'key': ['content_category_code']}) }}

with content_category as (

    select * from {{ ref('stg_reference__content_category') }}

),

dim_content_category as (

    select
        content_category_code,
        label_vi,
        label_en
    from content_category

)

select * from dim_content_category
