{{ config(meta={'key': ['as_of', 'measure', 'scope', 'method']}) }}

with overview as (

    select * from {{ ref('rpt_overview') }}

),

published_figure as (

    select * from {{ ref('stg_reference__published_figure') }}

),

told as (

    select
        overview.as_of,
        measured.*
    from overview
    cross join lateral (
        values
        ('submitted', 'programme', 'count', submitted::numeric, null, null, null),
        ('valid', 'programme', 'count', valid::numeric, null, null, null),
        (
            'quota_completion', 'programme', 'ratio', 100.0 * quota_numerator / quota_denominator,
            quota_numerator, quota_denominator, quota_basis
        ),
        {% for method in ['reported', 'plausible', 'completed'] -%}
        ('benefit', 'programme', '{{ method }}', benefit_{{ method }}_vnd / 1000000000, null, null, null)
        {{- ',' if not loop.last }}
        {% endfor -%}
    ) as measured (measure, scope, method, warehouse_value, numerator, denominator, basis)
    union all
    select
        overview.as_of,
        'valid' as measure,
        member_group.code as scope,
        'count' as method,
        member_group.valid_count::numeric as warehouse_value,
        null as numerator,
        null as denominator,
        null as basis
    from overview
    cross join lateral jsonb_each_text(overview.valid_by_member_group) as member_group (code, valid_count)

),

compared as (

    select
        published_figure.as_of,
        published_figure.measure,
        published_figure.scope,
        coalesce(told.method, 'none') as method,
        published_figure.unit,
        published_figure.measure like '%\_at\_least' as is_lower_bound,
        trim_scale(published_figure.value) as published_value,
        trim_scale(round(told.warehouse_value, 6)) as warehouse_value,
        told.numerator,
        told.denominator,
        told.basis,
        published_figure.basis as published_basis,
        published_figure.source_kind
    from published_figure
    left join told
        on
            published_figure.as_of = told.as_of
            and replace(published_figure.measure, '_at_least', '') = told.measure
            and published_figure.scope = told.scope

),

rpt_reconciliation as (

    select
        as_of,
        measure,
        scope,
        method,
        unit,
        published_value,
        warehouse_value,
        warehouse_value - published_value as difference,
        -- In the decimals that were published.
        case
            when is_lower_bound then warehouse_value >= published_value
            else round(warehouse_value, scale(published_value)) = published_value
        end as agrees,
        numerator,
        denominator,
        basis,
        published_basis,
        source_kind
    from compared

)

select * from rpt_reconciliation
