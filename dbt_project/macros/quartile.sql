{#- The amounts (vnd, times) of each group in their order: up to which place each reaches, and how many there are. -#}
{% macro placed_amounts(amounts, keys) -%}
    select
        {{ keys | join(', ') }},
        vnd,
        sum(times) over (partition by {{ keys | join(', ') }} order by vnd) as up_to,
        sum(times) over (partition by {{ keys | join(', ') }}) as amounts
    from {{ amounts }}
{%- endmacro %}


{#- The first, second (median) or third quartile of a group of placed_amounts, exact: (n - 1) * quarter / 4 steps up
    from the least amount; between two amounts in proportion, as percentile_cont does in floating point. -#}
{% macro quartile(quarter) -%}
    {%- set steps = '(amounts - 1) * ' ~ quarter ~ ' / 4' -%}
    min(vnd) filter (where up_to > {{ steps }})
    + 0.25 * min((amounts - 1) * {{ quarter }} % 4) * coalesce(
        min(vnd) filter (where up_to > {{ steps }} + 1) - min(vnd) filter (where up_to > {{ steps }}), 0
    )
{%- endmacro %}
