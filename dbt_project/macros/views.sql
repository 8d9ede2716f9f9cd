{#- A view that readers use stands for good: it is made again only when its SQL or its documentation has changed, so
    that a night takes no lock on what is being read. The table warehouse.definition keeps what each was made from. -#}

{% macro keep_definitions() -%}
    create table if not exists warehouse.definition (name text primary key, hash text not null)
{%- endmacro %}


{#- `columns`: what view_sql gives. A view that others hang on can only grow at its end: where it stands, its columns
    keep their places. One with `detail: true` in its meta tells of single initiatives or authors: each reader sees the
    rows that it may (ops.guard_by_unit), and so must every view on it. -#}
{% macro keep_view(view, view_sql, columns) -%}
    {%- set options = ' with (security_invoker = true)' if config.meta_get('detail') else '' -%}
    {%- set descriptions = [model.description] -%}
    {%- for column in model.columns.values() -%}
        {%- do descriptions.append([column.name, column.description]) -%}
    {%- endfor -%}
    {%- set hash = local_md5(view_sql ~ options ~ tojson(descriptions)) -%}
    {%- set kept = run_query(
        "select to_regclass('" ~ view ~ "') is not null as stands, "
        ~ "(select hash from warehouse.definition where name = '" ~ view.identifier ~ "') as hash"
    ).rows[0] -%}
    {%- if not kept['stands'] or kept['hash'] != hash -%}
        {%- set before = adapter.get_columns_in_relation(view) | map(attribute='name') | list if kept['stands'] else [] -%}
        {%- if before | reject('in', columns) | list -%}
            {#- No cascade: if another view hangs on this one, a person decides. -#}
            {%- do run_query('drop view ' ~ view) -%}
            {%- set before = [] -%}
        {%- endif -%}
        {%- set places = before + (columns | reject('in', before) | list) -%}
        {%- set in_places = 'select ' ~ places | join(', ') ~ ' from (' ~ view_sql ~ ') as told' -%}
        {%- set told = view_sql if places == columns else in_places -%}
        {%- do run_query('create or replace view ' ~ view ~ options ~ ' as ' ~ told) -%}
        {%- for column in columns | reject('in', model.columns) -%}
            {%- do run_query(
                'comment on column ' ~ view ~ '.' ~ column ~ " is 'No longer told: only earlier publications have it.'"
            ) -%}
        {%- endfor -%}
        {%- do persist_docs(view, model) -%}
        {%- do run_query(
            "insert into warehouse.definition values ('" ~ view.identifier ~ "', '" ~ hash ~ "')"
            ~ " on conflict (name) do update set hash = excluded.hash"
        ) -%}
    {%- endif -%}
{%- endmacro %}
