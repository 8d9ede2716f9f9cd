{{ config(materialized='standing_view') }}

with standing as (

    select * from {{ ref('int_unit_standing') }}

),

rpt_cluster_ranking as (

    select
        as_of,
        cluster_code,
        cluster_vi,
        {{ rank_by_completion('as_of, cluster_code') }} as rank_no,
        (count(*) over (partition by as_of, cluster_code))::integer as units_in_cluster,
        unit_code,
        unit_name,
        cluster_evidence,
        phase_code,
        submitted_count,
        valid_count,
        quota,
        quota_evidence,
        basis,
        completion_ratio
    from standing

)

select * from rpt_cluster_ranking
