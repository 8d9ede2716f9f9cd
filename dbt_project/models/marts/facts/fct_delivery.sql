-- A name of its sender's own making may hold a person's: it is told to those who work on deliveries (decision 10).
{%- set told_name -%}
    case
        when dataset is not null and strpos(file_name, '/') = 0 then file_name
        when has_table_privilege(session_user, 'ops.delivery', 'select') then file_name
        else '(tên tệp không đúng quy ước) …' || left(sha256, 12)
    end
{%- endset %}
{{ config(meta={
    'key': ['unit_code', 'file_name', 'sha256', 'status', 'occurrence_no'], 'instead': {'file_name': told_name}
}) }}

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
