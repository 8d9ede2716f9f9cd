select
    unit_code,
    delivery_no,
    line_number,
    code_key,
    initiative_code,
    member_group_code,
    solution_type_code,
    content_category_code,
    submitted_on,
    applied_on,
    recognised_on,
    -- An amount as it was typed may end in zeros or not: without them equal amounts are equal bytes.
    trim_scale(benefit_amount) as benefit_amount,
    benefit_currency,
    benefit_per_year,
    trim_scale(benefit_vnd) as benefit_vnd,
    case
        when benefit_vnd is not null then 'amount'
        when not benefit_computable then 'not_computable'
        when benefit_amount is not null then 'other_currency'
        when benefit_unreadable then 'unreadable'
        else 'missing'
    end as benefit_state,
    upper_union_name,
    nullif(upper_union_key, '') as upper_union_key,
    grassroots_union_name,
    nullif(grassroots_union_key, '') as grassroots_union_key,
    field_name,
    author_key
from {{ source('intake', 'initiative') }}
