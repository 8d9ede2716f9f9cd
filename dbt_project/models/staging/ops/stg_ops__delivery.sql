with source as (

    select * from {{ source('ops', 'delivery') }}

),

stg_ops__delivery as (

    select
        unit_code,
        delivery_no,
        file_name,
        sha256,
        dataset,
        export_date,
        is_full,
        part_no,
        part_count,
        status,
        counts,
        reason_code,
        rows_read,
        rows_accepted,
        rows_rejected,
        rows_skipped,
        issue_count
    from source

)

select * from stg_ops__delivery
