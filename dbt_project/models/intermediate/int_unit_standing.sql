with progress as (

    select * from {{ ref('fct_unit_progress') }}

),

unit as (

    select * from {{ ref('dim_unit') }}

),

cluster as (

    select * from {{ ref('dim_cluster') }}

),

int_unit_standing as (

    select
        progress.as_of,
        progress.unit_code,
        unit.unit_name,
        unit.unit_kind,
        unit.province_code_2004,
        unit.cluster_code,
        cluster.label_vi as cluster_vi,
        unit.cluster_evidence,
        progress.phase_code,
        progress.submitted_count,
        progress.valid_count,
        progress.quota,
        progress.quota_evidence,
        progress.basis,
        progress.completion_ratio
    from progress
    inner join unit
        on
            progress.unit_code = unit.unit_code
            and progress.as_of >= unit.valid_from
            and progress.as_of < unit.valid_to
    inner join cluster on unit.cluster_code = cluster.cluster_code

)

select * from int_unit_standing
