{{ config(meta={'key': ['scope', 'scope_code', 'category_kind', 'category_code']}) }}

{% set kinds = ['member_group', 'solution_type', 'content_category'] -%}
with benefit_cell as (

    select * from {{ ref('int_benefit_cell') }}
    where is_now

),

{% for kind in kinds -%}
{{ kind }} as (

    select * from {{ ref('dim_' ~ kind) }}

),

{% endfor -%}
unit as (

    select * from {{ ref('dim_unit') }}
    where is_current

),

category as (

    {% for kind in kinds -%}
    select
        '{{ kind }}' as category_kind,
        {{ kind }}_code as category_code,
        label_vi,
        label_en
    from {{ kind }}
    union all
    select
        '{{ kind }}' as category_kind,
        'unknown' as category_code,
        'Không rõ' as label_vi,
        'Unknown' as label_en
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

scope as (

    select
        'unit' as scope,
        unit_code as scope_code
    from unit
    union all
    select
        'programme' as scope,
        'programme' as scope_code

),

counted as (

    select
        case when grouping(benefit_cell.unit_code) = 0 then 'unit' else 'programme' end as scope,
        coalesce(benefit_cell.unit_code, 'programme') as scope_code,
        told.category_kind,
        told.category_code,
        sum(benefit_cell.initiatives)::integer as valid_count
    from benefit_cell
    cross join lateral (
        values
        {% for kind in kinds -%}
        ('{{ kind }}', benefit_cell.{{ kind }}_code) {{- ',' if not loop.last }}
        {% endfor -%}
    ) as told (category_kind, category_code)
    group by
        grouping sets (
            (told.category_kind, told.category_code),
            (told.category_kind, told.category_code, benefit_cell.unit_code)
        )

),

complete as (

    select
        scope.scope,
        scope.scope_code,
        category.*,
        coalesce(counted.valid_count, 0) as valid_count,
        (
            sum(coalesce(counted.valid_count, 0)) over (
                partition by scope.scope, scope.scope_code, category.category_kind
            )
        )::integer as valid_total
    from scope
    cross join category
    left join counted
        on
            scope.scope = counted.scope
            and scope.scope_code = counted.scope_code
            and category.category_kind = counted.category_kind
            and category.category_code = counted.category_code

),

rpt_category_mix as (

    select
        scope,
        scope_code,
        category_kind,
        category_code,
        label_vi,
        label_en,
        valid_count,
        valid_total,
        'valid_over_valid_of_the_' || scope as basis,
        round(valid_count::numeric / nullif(valid_total, 0), 6) as share_ratio
    from complete

)

select * from rpt_category_mix
