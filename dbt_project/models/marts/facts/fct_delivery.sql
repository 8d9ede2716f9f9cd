{{ config(meta={'key': ['unit_code', 'file_name', 'sha256', 'status', 'occurrence_no']}) }}

with delivery as (

    select * from {{ ref('stg_ops__delivery') }}

),

fct_delivery as (

    select
        unit_code,
        file_name,
        sha256,
        status,
        -- The same bytes may come again under the same name; told apart by what is published of them, not by arrival.
        row_number() over (
            partition by unit_code, file_name, sha256, status
            order by reason_code, rows_read, rows_accepted, rows_rejected, rows_skipped, issue_count
        )::integer as occurrence_no,
        dataset,
        export_date,
        is_full,
        part_no,
        part_count,
        reason_code,
        rows_read,
        rows_accepted,
        rows_rejected,
        rows_skipped,
        issue_count
    from delivery

)

select * from fct_delivery
