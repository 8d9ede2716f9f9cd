{{ config(materialized='standing_view') }}

with unit_progress as (

    select * from {{ ref('fct_unit_progress') }}

),

union_progress as (

    select * from {{ ref('fct_union_progress') }}

),

day as (

    select * from {{ ref('dim_date') }}
    where date_day <= (select max(as_of) from {{ ref('fct_unit_progress') }})

),

fct_quota_progress as (

    select
        unit_code,
        unit_code as union_key,
        as_of,
        phase_code,
        valid_count,
        quota,
        quota_evidence,
        basis,
        completion_ratio
    from unit_progress
    union all
    select
        union_progress.unit_code,
        union_progress.union_key,
        day.date_day as as_of,
        union_progress.phase_code,
        union_progress.valid_count,
        union_progress.quota,
        union_progress.quota_evidence,
        union_progress.basis,
        union_progress.completion_ratio
    from union_progress
    inner join day
        on day.date_day >= union_progress.as_of_from and day.date_day < union_progress.as_of_to

)

select * from fct_quota_progress
