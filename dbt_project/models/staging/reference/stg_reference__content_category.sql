with source as (

    select * from {{ ref('content_categories') }}

),

stg_reference__content_category as (

    select
        content_category_code,
        label_vi,
        label_en
    from source

)

select * from stg_reference__content_category
