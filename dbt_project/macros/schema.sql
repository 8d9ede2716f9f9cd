{#- Schemas bear the names that the project gives them: no prefix of the target's. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}


{#- Amounts are `numeric` without precision on purpose (a wild amount must not stop a build): dbt's warning about it is
    left out, the rest is its macro. -#}
{% macro postgres__get_empty_schema_sql(columns) -%}
    {%- for column in columns.values() if column['data_type'] is not defined -%}
        {%- do exceptions.column_type_missing(column_names=[column['name']]) -%}
    {%- endfor -%}
    select
    {%- for column in columns.values() %}
        cast(null as {{ column['data_type'] }}) as {{ column['name'] }}{{ ',' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
