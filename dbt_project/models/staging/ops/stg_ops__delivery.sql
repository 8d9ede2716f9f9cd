-- As the judge last took it: what has arrived since belongs to the next candidate.
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
    judged_status as status,
    judged_status in ('accepted', 'accepted_with_issues') as counts,
    reason_code,
    rows_read,
    rows_accepted,
    rows_rejected,
    rows_skipped,
    issue_count
from {{ source('ops', 'delivery') }}
where judged_status is not null
