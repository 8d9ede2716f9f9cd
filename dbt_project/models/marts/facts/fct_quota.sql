{{ config(meta={'key': ['unit_code', 'file_name', 'line_number']}) }}

with quota_entry as (

    select * from {{ ref('int_quota_entry') }}

),

fct_quota as (

    select
        unit_code,
        union_key,
        union_name,
        parent_union_key,
        phase_code,
        quota_type,
        quota,
        decision_number,
        effective_from,
        effective_on,
        export_date,
        evidence,
        file_name,
        line_number
    from quota_entry

)

select * from fct_quota
