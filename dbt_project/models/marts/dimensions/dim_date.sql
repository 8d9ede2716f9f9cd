{{ config(meta={'key': ['date_day']}) }}

with phase as (

    select * from {{ ref('stg_reference__phase') }}

),

day as (

    select day::date as date_day
    from generate_series(date '2021-01-01', date '2030-12-31', interval '1 day') as day

),

dim_date as (

    select
        day.date_day,
        extract(year from day.date_day)::integer as year_no,
        extract(quarter from day.date_day)::integer as quarter_no,
        extract(month from day.date_day)::integer as month_no,
        extract(isoyear from day.date_day)::integer as iso_year_no,
        extract(week from day.date_day)::integer as iso_week_no,
        date_trunc('week', day.date_day)::date as week_start,
        extract(isodow from day.date_day)::integer as weekday_no,
        phase.phase_code
    from day
    left join phase
        on day.date_day between phase.upload_from and phase.upload_to

)

select * from dim_date
