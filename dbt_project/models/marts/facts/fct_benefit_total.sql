{{ config(meta={'key': ['scope', 'scope_code', 'method']}) }}

with benefit_cell as (

    select * from {{ ref('int_benefit_cell') }}
    where is_now

),

-- Each scope adds up the same cells.
scoped as (

    {% for scope, scope_code in [
        ('programme', "'programme'"),
        ('unit_kind', 'unit_kind'),
        ('unit', 'unit_code'),
        ('member_group', 'member_group_code'),
        ('solution_type', 'solution_type_code'),
        ('content_category', 'content_category_code'),
    ] -%}
    select
        '{{ scope }}' as scope,
        {{ scope_code }} as scope_code,
        {{ benefit_totals() }}
    from benefit_cell
    group by 1, 2
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

fct_benefit_total as (

    select
        scoped.scope,
        scoped.scope_code,
        total.method,
        total.amount_vnd,
        total.low_vnd,
        total.high_vnd,
        scoped.initiatives,
        scoped.amounts,
        scoped.missing,
        scoped.not_computable,
        scoped.negative,
        scoped.other_currency,
        scoped.held_out,
        scoped.imputed
    from scoped
    cross join lateral (
        values
        ('reported', reported_vnd, reported_vnd, reported_vnd),
        ('plausible', plausible_vnd, plausible_vnd, plausible_vnd),
        ('completed', completed_vnd, completed_low_vnd, completed_high_vnd)
    ) as total (method, amount_vnd, low_vnd, high_vnd)

)

select * from fct_benefit_total
