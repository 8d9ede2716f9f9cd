{{ config(materialized='standing_view') }}

with delivery as (

    select * from {{ ref('fct_delivery') }}

),

unit as (

    select * from {{ ref('dim_unit') }}
    where is_current

),

day as (

    select * from {{ ref('dim_date') }}
    where
        date_day >= date '{{ var("first_day") }}'
        and date_day <= (select max(as_of) from {{ ref('fct_unit_progress') }})

),

programme as (

    select
        min(upload_from) as first_day,
        max(upload_to) as last_day
    from {{ ref('dim_phase') }}

),

filed as (

    select
        unit_code,
        export_date,
        count(*) filter (where status in ('accepted', 'accepted_with_issues')) as files_accepted,
        count(*) filter (where status = 'quarantined') as files_quarantined,
        count(*) filter (where status = 'duplicate') as files_duplicate,
        count(*) filter (where status = 'superseded') as files_superseded,
        sum(rows_accepted) filter (where status in ('accepted', 'accepted_with_issues')) as rows_accepted,
        sum(rows_rejected) filter (where status in ('accepted', 'accepted_with_issues')) as rows_rejected
    from delivery
    where dataset = 'initiatives'
    group by unit_code, export_date

),

export as (

    select
        unit_code,
        export_date,
        lead(export_date, 1, {{ open_end() }}) over (partition by unit_code order by export_date) as next_export,
        export_date - lag(export_date) over (partition by unit_code order by export_date) as gap_days
    from filed
    where files_accepted > 0

),

-- As `sangkien status` tells it: late after twice the unit's own usual gap, and more than a week.
rhythm as (

    select
        unit_code,
        percentile_cont(0.5) within group (order by gap_days)::numeric as usual_gap_days
    from export
    group by unit_code

),

looked_at as (

    select
        unit.unit_code,
        day.date_day as calendar_day,
        coalesce(filed.files_accepted, 0)::integer as files_accepted,
        coalesce(filed.files_quarantined, 0)::integer as files_quarantined,
        coalesce(filed.files_duplicate, 0)::integer as files_duplicate,
        coalesce(filed.files_superseded, 0)::integer as files_superseded,
        coalesce(filed.rows_accepted, 0)::integer as rows_accepted,
        coalesce(filed.rows_rejected, 0)::integer as rows_rejected,
        export.export_date as last_export_on,
        day.date_day - coalesce(export.export_date, programme.first_day) as days_waited,
        rhythm.usual_gap_days,
        greatest(7, 2 * coalesce(rhythm.usual_gap_days, 7)) as late_after_days,
        day.date_day between programme.first_day and programme.last_day as is_in_programme
    from unit
    cross join day
    cross join programme
    left join filed
        on unit.unit_code = filed.unit_code and day.date_day = filed.export_date
    left join export
        on
            unit.unit_code = export.unit_code
            and day.date_day >= export.export_date
            and day.date_day < export.next_export
    left join rhythm on unit.unit_code = rhythm.unit_code

),

rpt_delivery_calendar as (

    select
        unit_code,
        calendar_day,
        case
            when files_accepted > 0 then 'delivered'
            when files_quarantined > 0 then 'quarantined'
            when not is_in_programme then 'not_expected'
            when last_export_on is null and days_waited > 7 then 'missing'
            when last_export_on is not null and days_waited > late_after_days then 'late'
            else 'not_due'
        end as state,
        files_accepted,
        files_quarantined,
        files_duplicate,
        files_superseded,
        rows_accepted,
        rows_rejected,
        last_export_on,
        calendar_day - last_export_on as days_since_export,
        usual_gap_days,
        late_after_days
    from looked_at

)

select * from rpt_delivery_calendar
