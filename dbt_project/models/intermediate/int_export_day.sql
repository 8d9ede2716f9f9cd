with delivery as (

    select * from {{ ref('stg_ops__delivery') }}

),

int_export_day as (

    select distinct export_date as export_day
    from delivery
    where counts and dataset = 'initiatives'

)

select * from int_export_day
