{{ config(meta={'key': ['phase_code']}) }}

with phase as (

    select * from {{ ref('stg_reference__phase') }}

),

dim_phase as (

    select
        phase_code,
        label_vi,
        replace(label_vi, 'Giai đoạn', 'Phase') as label_en,
        upload_from,
        upload_to,
        -- Completion is cumulative: a phase is in force from the end of the one before it, the last for good.
        coalesce(lag(upload_to) over (order by upload_to) + 1, date '{{ var("first_day") }}') as in_force_from,
        case
            when lead(upload_to) over (order by upload_to) is null then {{ open_end() }}
            else upload_to + 1
        end as in_force_to,
        cumulative_quota,
        source
    from phase

)

select * from dim_phase
