-- Every accepted spelling of the lists' values, by its key.
{% set lists = {
    'member_group': 'member_groups',
    'solution_type': 'solution_types',
    'content_category': 'content_categories',
    'status': 'report_statuses',
} %}
{% for kind, seed in lists.items() %}
select distinct on (key)
    '{{ kind }}' as kind,
    {{ match_key('spelling') }} as key,
    {{ kind }}_code as code
from {{ ref(seed) }}
cross join lateral unnest(string_to_array(aliases, '|') || array[{{ kind }}_code, label_vi, label_en]) as s (spelling)
where spelling <> ''
{{ 'union all' if not loop.last }}
{% endfor %}
