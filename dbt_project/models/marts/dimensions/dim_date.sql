{{ config(meta={'key': ['date_day']}) }}

with phase as (

    select * from {{ ref('stg_reference__phase') }}

),

day as (

    select
        day::date as date_day,
        date_trunc('week', day)::date as week_start,
        date_trunc('quarter', day)::date as quarter_start
    from
        generate_series(
            date '{{ var("calendar_from") }}', date '{{ var("calendar_to") }}', interval '1 day'
        ) as day

),

dim_date as (

    select
        day.date_day,
        extract(year from day.date_day)::integer as year_no,
        extract(quarter from day.date_day)::integer as quarter_no,
        day.quarter_start,
        (day.quarter_start + interval '3 months')::date - 1 as quarter_end,
        to_char(day.date_day, 'YYYY-"Q"Q') as quarter_label,
        extract(month from day.date_day)::integer as month_no,
        extract(isoyear from day.date_day)::integer as iso_year_no,
        extract(week from day.date_day)::integer as iso_week_no,
        to_char(day.date_day, 'IYYY-"W"IW') as iso_week_label,
        day.week_start,
        day.week_start + 6 as week_end,
        extract(isodow from day.date_day)::integer as weekday_no,
        phase.phase_code
    from day
    left join phase
        on day.date_day between phase.upload_from and phase.upload_to

)

select * from dim_date
