{#-
    A mart of which every publication can be shown again, at the cost of what changed.

    The rows are in warehouse.<model>, stamped with the publication that brought them in and the one that replaced them;
    marts.<model> is the view at the publication that the session shows, and what ref() gives. All in one transaction;
    doing it again for the same candidate, or after an attempt was killed, leaves the same rows live.

    meta:
        key: the columns that tell the rows of one publication apart (never null).
        scope, changed: only rows whose `scope` columns occur in the model `changed` are compared, and the model's SQL
            gives the rows of those alone. Without them, and whenever there is no base, all live rows are compared.
        detail: whether a row tells of one initiative or author: units then read their own alone (docs/roles.md).
        indexes: [{columns, where, type}], beside the unique one on key and published_to, which says that a key has one live
            row, and the two on the stamps. One index for each list of columns.
        shown: {column: SQL}: columns, the last ones, that are not stored: the view says them, the same for every row of a
            publication.
        instead: {column: SQL}: what the view says in the place of a stored column.
        plan_without: {scoped: [...], whole: [...]}: methods (nestloop, hashjoin, mergejoin, seqscan) that the planner
            is kept from while the model's SQL runs, where its guess of the rows is far off.

    When the contract changes, the table grows: a new column is null in the rows of earlier publications, one that is
    gone stays, null in those of later ones. Only another type or another key is refused (see adapt_stamped_table).
#}
{% materialization stamped, adapter='postgres' %}

    {%- set view = this.incorporate(type='view') -%}
    {%- set table = stamped_table(this) -%}
    {%- set shown = config.meta_get('shown', {}) -%}
    {%- set columns = model.columns.keys() | reject('in', shown) | list -%}
    {%- set without = config.meta_get('plan_without', {}).get('scoped' if is_scoped() else 'whole', []) -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% do check_candidate() %}
    {{ get_assert_columns_equivalent(sql) }}

    {%- set found = stamped_columns(table) -%}
    {%- set retired = found.keys() | reject('in', columns + stamp_columns()) | list -%}
    {%- if not found and is_scoped() -%}
        {%- do exceptions.raise_compiler_error(
            table ~ ' is missing though publication ' ~ base() ~ ' was built: it has to be built without a base.'
        ) -%}
    {%- endif -%}
    {%- if found -%}
        {%- do adapt_stamped_table(table, found) -%}
        {%- if is_scoped() and config.meta_get('scope') -%}
            {%- do undo_earlier_attempt(table) -%}
        {%- endif -%}
        {%- do close_stale_rows(table, columns, retired, sql, without) -%}
        {% call statement('main') -%}
            {{ insert_new_rows(table, columns) }}
        {%- endcall %}
    {%- else -%}
        {% call statement('main') -%}
            {{ plan_without(without, 'off') }}
            {{ create_stamped_table(table, columns, sql) }}
        {%- endcall %}
        {%- do finish_stamped_table(table) -%}
    {%- endif -%}
    {%- if config.meta_get('detail') -%}
        {%- do run_query("select ops.guard_by_unit('" ~ table ~ "')") -%}
    {%- endif -%}

    {% do keep_view(view, shown_rows(table, columns + retired, shown), columns + retired + (shown.keys() | list)) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [view]}) }}

{% endmaterialization %}


{#- A build without a candidate, or in a session that shows another publication, would stamp rows wrongly. -#}
{% macro check_candidate() -%}
    {%- set shown = run_query('select ops.shown_publication()').rows[0][0] -%}
    {%- if candidate() == 0 or shown != candidate() -%}
        {%- do exceptions.raise_compiler_error(
            'The candidate is publication ' ~ candidate() ~ ', but this session shows ' ~ shown
            ~ '. Marts are built by `sangkien refresh` (sangkien.warehouse.build).'
        ) -%}
    {%- endif -%}
{%- endmacro %}


{% macro stamp_columns() -%} {{ return(['published_from', 'published_to']) }} {%- endmacro %}


{#- The columns of the stamped table: name to type; empty when there is none. -#}
{% macro stamped_columns(table) -%}
    {%- set query -%}
        select
            attname,
            format_type(atttypid, atttypmod)
        from pg_attribute
        where attrelid = to_regclass('{{ table }}') and attnum > 0 and not attisdropped
        order by attnum
    {%- endset -%}
    {%- set found = {} -%}
    {%- for column in run_query(query).rows -%}
        {%- do found.update({column[0]: column[1]}) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}


{#- Bring a table to its model's contract. Committed at once: readers wait for the change of a table, and must not wait
    for the build. Dbt's own macros know of transactions only that they are open. -#}
{% macro adapt_stamped_table(table, found) -%}
    {%- set refused = 'The contract of ' ~ model.name ~ ' has changed: %s. That cannot stand beside what earlier '
        ~ 'publications show. Give it a new name, or forget them: sangkien forget ' ~ model.name -%}
    {%- set key = config.meta_require('key') -%}
    {%- set key_found = run_query(
        "select attname from pg_attribute where attrelid = 'warehouse." ~ model.name ~ "_one_live_row'::regclass"
        ~ ' order by attnum'
    ).columns[0].values() | list -%}
    {%- if key_found | sort != (key + ['published_to']) | sort -%}
        {%- do exceptions.raise_compiler_error(
            refused % ('its key was ' ~ key_found | reject('equalto', 'published_to') | join(', '))
        ) -%}
    {%- endif -%}
    {%- set added = [] -%}
    {%- for column in model.columns.values() if column.name not in config.meta_get('shown', {}) -%}
        {%- if column.name not in found -%}
            {%- do added.append('add column ' ~ column.name ~ ' ' ~ column.data_type) -%}
        {%- elif found[column.name] != column.data_type -%}
            {%- do exceptions.raise_compiler_error(refused % (column.name ~ ' was ' ~ found[column.name])) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if added -%}
        {%- do run_query('alter table ' ~ table ~ ' ' ~ added | join(', ')) -%}
        {%- do run_query('commit; begin') -%}
    {%- endif -%}
    {%- do create_indexes_of_readers(table) -%}
{%- endmacro %}


{% macro create_stamped_table(table, columns, sql) -%}
    create table {{ table }} as
    select
        {{ columns | join(', ') }},
        {{ candidate() }} as published_from,
        {{ never() }} as published_to
    from ({{ sql }}) as built
{%- endmacro %}


{% macro finish_stamped_table(table) -%}
    {%- set key = config.meta_require('key') -%}
    {%- set name = table.identifier -%}
    {%- set required = [] -%}
    {%- for column in key + ['published_from', 'published_to'] -%}
        {%- do required.append('alter column ' ~ column ~ ' set not null') -%}
    {%- endfor -%}
    {%- do run_query('alter table ' ~ table ~ ' ' ~ required | join(', ')) -%}
    {#- What a night looks up stands first, without a gap: PostgreSQL 18 takes a gap for hundreds of searches (skip scan). -#}
    {%- set scope = config.meta_get('scope', key) -%}
    {%- set unique = scope + ['published_to'] + (key | reject('in', scope) | list) -%}
    {%- do run_query(
        'create unique index ' ~ name ~ '_one_live_row on ' ~ table ~ ' (' ~ unique | join(', ') ~ ')'
    ) -%}
    {#- What the first build brought in is no change to anyone: without it the index is small, and no query over a whole
        publication is tempted by it. -#}
    {%- do run_query(
        'create index ' ~ name ~ '_came on ' ~ table ~ ' (published_from) where published_from > ' ~ candidate()
    ) -%}
    {%- do run_query(
        'create index ' ~ name ~ '_went on ' ~ table ~ ' (published_to) where published_to < ' ~ never()
    ) -%}
    {%- do create_indexes_of_readers(table) -%}
    {%- do run_query('analyze ' ~ table) -%}
{%- endmacro %}


{% macro create_indexes_of_readers(table) -%}
    {%- for index in config.meta_get('indexes', []) -%}
        {%- do run_query(
            'create index if not exists ' ~ (table.identifier ~ '_by_' ~ index.columns | join('_'))[:63] ~ ' on ' ~ table
            ~ ' using ' ~ index.get('type', 'btree') ~ ' (' ~ index.columns | join(', ') ~ ')'
            ~ (' where ' ~ index.where if index.where else '')
        ) -%}
    {%- endfor -%}
{%- endmacro %}


{#- What an earlier attempt of this candidate has brought in may have left what changed since the base, and so the scope. -#}
{% macro undo_earlier_attempt(table) -%}
    {%- set undoing -%}
        delete from {{ table }} where published_from = {{ candidate() }};
        update {{ table }} set published_to = {{ never() }} where published_to = {{ candidate() }};
    {%- endset -%}
    {%- do run_query(undoing) -%}
{%- endmacro %}


{#- Compare what lives with what was built: rows that are no longer so are closed or, where an earlier attempt of this
    candidate brought them in, deleted. Leaves the temporary tables __built and __live to insert_new_rows.
    Rows are found by their place (ctid): nobody else writes here. -#}
{% macro close_stale_rows(table, columns, retired, sql, without) -%}
    {%- set scope = config.meta_get('scope', []) if is_scoped() else [] -%}
    {%- set without_scans = ['seqscan', 'hashjoin', 'mergejoin'] if scope else [] -%}
    {%- set built = model.name ~ '__built' -%}
    {%- set live = model.name ~ '__live' -%}
    {%- set stale = model.name ~ '__stale' -%}
    {%- set closing -%}
        {{ plan_without(without, 'off') }}
        create temporary table {{ built }} on commit drop as
        select {{ columns | join(', ') }} from ({{ sql }}) as built;
        {{ plan_without(without, 'default') }}
        analyze {{ built }};

        {{ plan_without(without_scans, 'off') }}
        create temporary table {{ live }} on commit drop as
        select
            {{ columns | join(', ') }},
            {{ 'coalesce(' ~ retired | join('::text, ') ~ '::text)' if retired else 'null' }} as retired,
            live.ctid as row_id
        from {{ table }} as live
        {% if scope -%}
        inner join (select distinct {{ scope | join(', ') }} from {{ ref(config.meta_require('changed')) }}) as changed
            using ({{ scope | join(', ') }})
        {% endif -%}
        where live.published_to = {{ never() }};
        {{ plan_without(without_scans, 'default') }}
        analyze {{ live }};

        create temporary table {{ stale }} on commit drop as
        select live.row_id from {{ live }} as live
        where not exists (
            select 1 from {{ built }} as built where {{ same_row(columns) }}
        );

        delete from {{ table }}
        where ctid = any(array(select row_id from {{ stale }})) and published_from = {{ candidate() }};

        update {{ table }} set published_to = {{ candidate() }}
        where ctid = any(array(select row_id from {{ stale }}));
    {%- endset -%}
    {%- do run_query(closing) -%}
{%- endmacro %}


{% macro insert_new_rows(table, columns) -%}
    insert into {{ table }} ({{ columns | join(', ') }}, published_from, published_to)
    select
        {{ columns | join(', ') }},
        {{ candidate() }},
        {{ never() }}
    from {{ model.name }}__built as built
    where not exists (
        select 1 from {{ model.name }}__live as live where {{ same_row(columns) }}
    )
{%- endmacro %}


{#- Whether a row of `built` and one of `live` are the same: one with a value that the contract no longer has is not. -#}
{% macro same_row(columns) -%}
    {%- set key = config.meta_require('key') -%}
    live.retired is null
    {%- for column in columns %} and built.{{ column }} {{ '=' if column in key else 'is not distinct from' }} live.{{ column }}
    {%- endfor -%}
{%- endmacro %}


{#- Keep the planner from methods that it would choose on a wrong guess of the number of rows. -#}
{% macro plan_without(methods, setting) -%}
    {%- for method in methods -%}
        set local enable_{{ method }} = {{ setting }};
    {%- endfor -%}
{%- endmacro %}
