{#-
    Counts that a night keeps up by what it changed: the base's counts, plus the steps; as CTEs that end in tally
    (`keys` and `measure`, the model's name for the count; `sums`: more measures, which end with the count). `change` is a
    CTE with the keys, `step` and the sums; `changed` one with the columns `scope`, by which the model is scoped too: only
    what it touches is counted again.
-#}
{% macro tally_ctes(keys, scope, changed, measure='initiatives', sums=[]) -%}
{%- set key_list = (keys + sums) | join(', ') -%}
{% if is_scoped() -%}
touched as (

    select distinct {{ scope | join(', ') }}
    from {{ changed }}

),

base as (

    select
        {{ key_list }},
        {{ measure }} as step
    from {{ stamped_table(this) }}
    inner join touched using ({{ scope | join(', ') }})
    where {{ in_base() }}

),
{%- endif %}

moved as (

    select
        {{ key_list }},
        step
    from change
    {% if is_scoped() -%}
        union all
        select
            {{ key_list }},
            step
        from base
    {%- endif %}

),

tally as (

    select
        {{ keys | join(', ') }},
        {% for name in sums -%}
        sum({{ name }}) as {{ name }},
        {% endfor -%}
        sum(step)::integer as {{ measure }}
    from moved
    group by {{ keys | join(', ') }}
    having sum(step) <> 0

)
{%- endmacro %}
