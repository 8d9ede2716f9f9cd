select
    unit_code,
    category_kind,
    coalesce(category_code, 'unknown') as category_code,
    count(*) as valid_count
from {{ ref('initiative') }}
cross join lateral (
    values
    ('member_group', member_group_code),
    ('solution_type', solution_type_code),
    ('content_category', content_category_code)
) as c (category_kind, category_code)
where verdict = 'valid'
group by grouping sets ((2, 3), (1, 2, 3))
