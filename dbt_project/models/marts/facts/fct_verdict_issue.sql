{{ config(materialized='standing_view', meta={'detail': true}) }}

select
    initiative.unit_code,
    initiative.initiative_code,
    fired.rule_code,
    initiative.file_name,
    initiative.line_number
from {{ ref('fct_initiative') }} as initiative
cross join lateral unnest(initiative.rule_codes) as fired (rule_code)
