{#- What this build is about, from the environment. Read only while executing, so that a changed value costs no
    parsing. -#}

{#- The publication that is being built; 0 when nothing is (dbt compile, dbt docs). -#}
{% macro candidate() -%}
    {{ return((env_var('SANGKIEN_BUILD_PUBLICATION', '0') if execute else 0) | int) }}
{%- endmacro %}


{#- The last publication that was built whole, on which this one builds; 0: none, all is computed and compared anew. -#}
{% macro base() -%}
    {{ return((env_var('SANGKIEN_BUILD_BASE', '0') if execute else 0) | int) }}
{%- endmacro %}


{#- Whether models may look at what has changed since the base only. -#}
{% macro is_scoped() -%}
    {{ return(base() > 0) }}
{%- endmacro %}


{#- The last day that the marts tell, as SQL. -#}
{% macro horizon() -%}
    date '{{ env_var('SANGKIEN_BUILD_HORIZON', var('first_day')) if execute else var('first_day') }}'
{%- endmacro %}


{#- A limit of a rule, as SQL; from expectations/rules.yml. -#}
{% macro rule_parameter(name) -%}
    {%- set value = var(name, none) -%}
    {%- if value is none and execute and flags.WHICH in ('run', 'build') -%}
        {%- do exceptions.raise_compiler_error(
            'The limit ' ~ name ~ ' of expectations/rules.yml was not handed over.'
        ) -%}
    {%- endif -%}
    {{ 'null' if value is none else value }}
{%- endmacro %}


{#- The day that ends a stretch which still stands. -#}
{% macro open_end() -%} date '9999-12-31' {%- endmacro %}
