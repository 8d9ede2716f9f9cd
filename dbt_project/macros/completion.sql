{#- Emulation (CONTRACT §5): by completion, ties by valid count, then unit code; without a quota, after those with one.
    The ratio itself orders, not its six decimals. -#}
{% macro rank_by_completion(partition) -%}
    (row_number() over (
        partition by {{ partition }}
        order by valid_count / nullif(quota, 0) desc nulls last, valid_count desc, unit_code collate "C" asc
    ))::integer
{%- endmacro %}


{#- Completion beside its numerator and denominator, six decimals. -#}
{% macro completion_ratio(numerator, denominator) -%}
    round({{ numerator }} / nullif({{ denominator }}, 0), 6)
{%- endmacro %}
