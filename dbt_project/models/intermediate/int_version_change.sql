{{ config(materialized='view') }}

with
{% if is_scoped() -%}
went as (

    select * from {{ stamped_table(ref('fct_initiative_version')) }}
    where {{ went_after_base() }}

),
{%- endif %}

came as (

    select * from {{ stamped_table(ref('fct_initiative_version')) }}
    where {{ came_after_base() }}

),

int_version_change as (

    {% for change, step in ([('came', 1), ('went', -1)] if is_scoped() else [('came', 1)]) -%}
    select
        unit_code,
        as_of_from,
        as_of_to,
        as_of_to = {{ open_end() }} as is_current,
        verdict,
        rule_codes,
        member_group_code,
        solution_type_code,
        content_category_code,
        coalesce(submitted_on, {{ open_end() }}) as submitted_day,
        benefit_state,
        benefit_amount,
        benefit_vnd,
        coalesce(upper_union_name, '') as upper_union_name,
        coalesce(grassroots_union_name, '') as grassroots_union_name,
        union_key,
        union_corrected,
        author_key,
        coalesce(field_name, '') as field_name,
        date_trunc('week', export_date)::date as export_week,
        {{ step }} as step
    from {{ change }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from int_version_change
