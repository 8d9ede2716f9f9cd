-- The current version of each initiative, and whether it counts; the first filer of a duplicate stands.
with latest as (
    select
        *,
        row_number() over (
            partition by unit_code, initiative_code order by export_date desc, file_name desc, line_number desc
        ) as version_no
    from {{ ref('stg_initiative') }}
    where initiative_code is not null
),

judged as (
    select
        l.*,
        title_key is not null and author_name_key is not null
        and member_group_code is not null
        and (solution_type_key is null or solution_type_code is not null)
        and applied_on between '2021-09-01' and '2023-09-01'
        and applied_on <= export_date and submitted_on <= export_date
        and coalesce(recognised_on <= export_date, recognised_on_given is null)
        and exists (select from {{ ref('phases') }} as p where l.submitted_on between p.upload_from and p.upload_to)
        and (
            (recognised_on is not null and recognition_number_given is not null)
            or coalesce(status_code, '') = 'under_review'
        )
        and coalesce(against_public_order_key, '') <> 'co'
        and coalesce(under_ip_protection_key, '') <> 'co'
        and coalesce(status_code, '') not in ('returned', 'withdrawn')
        and length(title_key) >= 10 as is_right
    from latest as l
    where version_no = 1
)

select
    unit_code,
    initiative_code,
    export_date,
    submitted_on,
    member_group_code,
    solution_type_code,
    content_category_code,
    benefit_vnd,
    benefit_computable_key,
    case
        when status_code = 'withdrawn' then 'withdrawn'
        when not coalesce(is_right, false) then 'invalid'
        when
            row_number() over (
                partition by title_key, author_name_key, coalesce(is_right, false)
                order by submitted_on, unit_code, initiative_code
            ) > 1 then 'invalid'
        when status_code = 'under_review' then 'under_review'
        else 'valid'
    end as verdict
from judged
