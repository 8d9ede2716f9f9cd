with source as (

    select * from {{ ref('published_figures') }}

),

stg_reference__published_figure as (

    select
        as_of,
        measure,
        scope,
        value,
        unit,
        basis,
        source_kind
    from source

)

select * from stg_reference__published_figure
