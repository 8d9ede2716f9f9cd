{{ config(materialized='standing_view', meta={'detail': true}) }}

select
    author_key,
    unit_code,
    union_key,
    sum(submitted_count)::integer as submitted_count
from {{ ref('fct_author_phase') }}
group by author_key, unit_code, union_key
