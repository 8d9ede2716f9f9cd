{#- dbt's functions are parallel unsafe to PostgreSQL, which keeps every query that calls one on a single core. Ours
    only read. One with `definer: true` in its meta gives every reader the same totals, of rows that not each may see. -#}
{% macro postgres__scalar_function_volatility_sql() -%}
    {{ default__scalar_function_volatility_sql() }}
    parallel safe
    {{ "security definer set search_path = ''" if model.config.meta.get('definer') }}
{%- endmacro %}


{#- A function whose columns have changed cannot be replaced. In one transaction; nothing depends on our functions. -#}
{% macro postgres__scalar_function_sql(target_relation) -%}
    drop function if exists {{ target_relation }} ({{ model.arguments | map(attribute='data_type') | join(', ') }});
    {{ default__scalar_function_sql(target_relation) }}
{%- endmacro %}
