{#- The stamps of the rows of a mart: published_from is the publication that brought a row in, published_to the one that
    replaced it (while it lives: never()). -#}

{% macro never() -%} 2147483647 {%- endmacro %}


{#- The stamped table behind a mart. -#}
{% macro stamped_table(relation) -%}
    {{ return(api.Relation.create(
        database=relation.database, schema='warehouse', identifier=relation.identifier, type='table'
    )) }}
{%- endmacro %}


{#- The rows of a stamped table that the base shows. -#}
{% macro in_base() -%}
    published_from <= {{ base() }} and published_to > {{ base() }}
{%- endmacro %}


{#- The rows that this candidate shows and the base does not (without a base: all that it shows). -#}
{% macro came_after_base() -%}
    published_from > {{ base() }} and published_to > {{ candidate() }}
{%- endmacro %}


{#- The rows that the base shows and this candidate does not. -#}
{% macro went_after_base() -%}
    published_from <= {{ base() }} and published_to > {{ base() }} and published_to <= {{ candidate() }}
{%- endmacro %}


{#- What readers see of a stamped table: the publication that their session shows. -#}
{% macro shown_rows(table, columns, shown={}) -%}
{%- set instead = config.meta_get('instead', {}) -%}
select
    {% for column in columns -%}
    {{ instead[column] ~ ' as ' ~ column if column in instead else column }}{{ ',\n    ' if not loop.last }}
    {%- endfor %}
    {%- for column, says in shown.items() %},
    {{ says }} as {{ column }}
    {%- endfor %}
from {{ table }}
where
    published_from <= (select ops.shown_publication())
    and published_to > (select ops.shown_publication())
{%- endmacro %}
