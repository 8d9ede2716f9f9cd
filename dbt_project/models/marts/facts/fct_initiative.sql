{{ config(materialized='standing_view', meta={'detail': true}) }}

select
    unit_code,
    code_key,
    initiative_code,
    verdict,
    rule_codes,
    member_group_code,
    solution_type_code,
    content_category_code,
    submitted_on,
    applied_on,
    recognised_on,
    benefit_state,
    benefit_amount,
    benefit_currency,
    benefit_per_year,
    benefit_vnd,
    upper_union_name,
    grassroots_union_name,
    union_key,
    union_corrected,
    author_key,
    field_name,
    left_out,
    file_name,
    export_date,
    line_number,
    as_of_from,
    rule_set
from {{ ref('fct_initiative_version') }}
where as_of_to = {{ open_end() }}
