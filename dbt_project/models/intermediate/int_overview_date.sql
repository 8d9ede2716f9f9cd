with phase as (

    select * from {{ ref('stg_reference__phase') }}

),

published_figure as (

    select * from {{ ref('stg_reference__published_figure') }}

),

export_day as (

    select * from {{ ref('int_export_day') }}

),

told as (

    select upload_to as as_of from phase
    union
    select as_of from published_figure
    union
    select {{ horizon() }}

),

int_overview_date as (

    select
        told.as_of,
        max(export_day.export_day) as export_day
    from told
    left join export_day on told.as_of >= export_day.export_day
    where told.as_of <= {{ horizon() }}
    group by told.as_of

)

select * from int_overview_date
