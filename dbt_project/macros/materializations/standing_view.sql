{#- A view in marts that is made again only when it has changed (see keep_view). -#}
{% materialization standing_view, adapter='postgres' %}

    {%- set view = this.incorporate(type='view') -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {{ get_assert_columns_equivalent(sql) }}
    {% call statement('main') -%}
        select 1
    {%- endcall %}
    {% do keep_view(view, sql, model.columns.keys() | list) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [view]}) }}

{% endmaterialization %}
