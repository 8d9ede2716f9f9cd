-- Each landed row, typed.
with given as (
    select
        substring(file_name from '([^/]+)/initiatives_[^/]+$') as unit_code,
        substring(file_name from 'initiatives_(\d{4}-\d\d-\d\d)')::date as export_date,
        file_name,
        line_number,
        lower(trim(initiative_code)) as initiative_code,
        {% for column in [
            'title', 'author_name', 'member_group', 'solution_type', 'content_category', 'status', 'benefit_unit',
            'benefit_computable', 'against_public_order', 'under_ip_protection'
        ] -%}
        {{ match_key(given(column)) }} as {{ column }}_key,
        {% endfor -%}
        {% for column in ['benefit', 'recognition_number', 'applied_on', 'recognised_on', 'submitted_on'] -%}
        {{ given(column) }} as {{ column }}_given{{ ',' if not loop.last }}
        {% endfor %}
    from landing.initiative
),

typed as (
    select
        *,
        {% for column in ['applied_on', 'recognised_on', 'submitted_on'] -%}
        {{ read_date(column ~ '_given') }} as {{ column }},
        {% endfor -%}
        case
            when benefit_given ~ '^[-+]?[\d. ]+(,\d+)?' then nullif(replace(regexp_replace(
                substring(benefit_given from '^[-+]?[\d. ]+(?:,\d+)?'), '[. ]', '', 'g'
            ), ',', '.'), '')::numeric
            * case
                when benefit_unit_key like 'ty%' or benefit_unit_key like 'ti%' then 1000000000
                when benefit_unit_key like 'tr%' then 1000000
                when benefit_unit_key like 'ng%' then 1000
                else 1
            end
        end as benefit_vnd
    from given
)

select
    t.*,
    g.code as member_group_code,
    s.code as solution_type_code,
    c.code as content_category_code,
    r.code as status_code
from typed as t
left join {{ ref('list_value') }} as g on t.member_group_key = g.key and g.kind = 'member_group'
left join {{ ref('list_value') }} as s on t.solution_type_key = s.key and s.kind = 'solution_type'
left join {{ ref('list_value') }} as c on t.content_category_key = c.key and c.kind = 'content_category'
left join {{ ref('list_value') }} as r on t.status_key = r.key and r.kind = 'status'
