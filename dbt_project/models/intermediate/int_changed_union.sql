{{ config(materialized='table', unlogged=true) }}

-- depends_on: {{ ref('dim_union_name') }}, {{ ref('fct_quota') }}
with
{% if is_scoped() -%}
changed as (

    {% for mart in ['dim_union_name', 'fct_quota'] -%}
    select
        unit_code,
        union_key
    from {{ stamped_table(ref(mart)) }}
    where ({{ came_after_base() }}) or ({{ went_after_base() }})
    {{ 'union' if not loop.last }}
    {% endfor %}
),

int_changed_union as (

    select
        unit_code,
        union_key
    from changed
    union
    select
        unit_code,
        {{ parent_union_key('union_key') }} as union_key
    from changed
    where union_key <> unit_code

)
{%- else -%}
int_changed_union as (

    select
        null::text as unit_code,
        null::text as union_key
    where false

)
{%- endif %}

select * from int_changed_union
