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
        verdict,
        member_group_code,
        solution_type_code,
        benefit_state,
        benefit_amount,
        benefit_vnd,
        {{ step }} as step
    from {{ change }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from int_version_change
