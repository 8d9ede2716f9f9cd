{{ config(materialized='standing_view') }}

with standing as (

    select * from {{ ref('int_unit_standing') }}

),

rpt_unit_ranking as (

    select
        as_of,
        {{ rank_by_completion('as_of') }} as rank_no,
        unit_code,
        unit_name,
        unit_kind,
        cluster_code,
        phase_code,
        submitted_count,
        valid_count,
        quota,
        quota_evidence,
        basis,
        completion_ratio
    from standing

)

select * from rpt_unit_ranking
