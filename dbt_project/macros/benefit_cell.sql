{#-
    The benefit of the valid initiatives as of each day of the CTE `day` (CONTRACT §5, Benefit estimates), as CTEs that
    end in benefit_cell: one row per day, unit, member group, type of solution and category of content (`unknown` for
    null), with what W04 holds out by the medians of that day, and what its initiatives without an amount are imputed.
    `counted_now`: a CTE with the columns of fct_benefit_amount and as_of: a day more, of which nothing need be scanned.

    Medians and quartiles are exact; nothing is rounded here. `day` is to be used here alone: PostgreSQL scans on several
    cores only what it need not keep.
-#}
{% macro benefit_cell_ctes(counted_now=none) -%}
unit as (

    select
        unit_code,
        unit_kind,
        row_number() over (order by unit_code) as unit_no
    from {{ ref('dim_unit').include(database=false) }}
    where is_current

),

-- The one scan, grouped by bare columns, of which the planner knows how many values they have. What follows works on
-- some thousand rows, with their amounts at hand.
scanned as materialized (

    select
        day.as_of,
        version.unit_code,
        version.member_group_code,
        version.solution_type_code,
        version.content_category_code,
        version.benefit_state,
        coalesce(version.benefit_vnd, version.benefit_amount) < 0 as is_negative,
        count(*) as initiatives,
        sum(version.benefit_vnd) as sum_vnd,
        max(version.benefit_vnd) as most_vnd,
        array_agg(version.benefit_vnd) filter (where version.benefit_vnd is not null) as amounts_vnd
    from {{ ref('fct_initiative_version').include(database=false) }} as version
    inner join day
        on version.as_of_from <= day.as_of and version.as_of_to > day.as_of
    where version.verdict = 'valid'
    group by
        day.as_of,
        version.unit_code,
        version.member_group_code,
        version.solution_type_code,
        version.content_category_code,
        version.benefit_state,
        is_negative

),

{% if counted_now -%}
told as (

    select
        as_of,
        unit_code,
        member_group_code,
        solution_type_code,
        content_category_code,
        benefit_class,
        sum(initiatives) as initiatives,
        sum(amount_vnd * initiatives) filter (where is_in_vnd) as sum_vnd,
        max(amount_vnd) filter (where is_in_vnd) as most_vnd,
        array_agg(amount_vnd) filter (where is_in_vnd) as amounts_vnd,
        array_agg(initiatives) filter (where is_in_vnd) as times
    from {{ counted_now }}
    group by
        as_of, unit_code, member_group_code, solution_type_code, content_category_code, benefit_class

),
{%- endif %}

-- amounts_vnd with repetitions, or each once and in `times` how often.
classed as (

    select
        as_of,
        unit_code,
        coalesce(member_group_code, 'unknown') as member_group_code,
        coalesce(solution_type_code, 'unknown') as solution_type_code,
        coalesce(content_category_code, 'unknown') as content_category_code,
        {{ benefit_class('benefit_state', 'is_negative') }} as benefit_class,
        initiatives,
        sum_vnd,
        most_vnd,
        amounts_vnd,
        null::integer[] as times
    from scanned
    {% if counted_now -%}
        union all
        select * from told
    {%- endif %}

),

class_cell as materialized (

    select
        classed.*,
        unit.unit_no,
        unit.unit_kind
    from classed
    inner join unit on classed.unit_code = unit.unit_code

),

-- W04 as of the day: the median of the unit is over all its amounts in đồng, the negative ones too.
unit_amount as (

    select
        class_cell.as_of,
        class_cell.unit_no,
        amount.vnd,
        sum(coalesce(amount.times, 1))::integer as times
    from class_cell
    cross join lateral unnest(class_cell.amounts_vnd, class_cell.times) as amount (vnd, times)
    group by class_cell.as_of, class_cell.unit_no, amount.vnd

),

unit_place as (

    {{ placed_amounts('unit_amount', ['as_of', 'unit_no']) }}

),

unit_limit as materialized (

    select
        as_of,
        unit_no,
        {{ implausible_above(
            'case when min(amounts) >= ' ~ rule_parameter('benefit_least_amounts') ~ ' then ' ~ quartile(2) ~ ' end'
        ) }} as limit_vnd
    from unit_place
    group by as_of, unit_no

),

held_out as (

    select
        class_cell.as_of,
        class_cell.unit_no,
        class_cell.member_group_code,
        class_cell.solution_type_code,
        class_cell.content_category_code,
        sum(coalesce(amount.times, 1)) as held_out,
        sum(amount.vnd * coalesce(amount.times, 1)) as held_out_vnd
    from class_cell
    inner join unit_limit
        on
            class_cell.as_of = unit_limit.as_of
            and class_cell.unit_no = unit_limit.unit_no
            and class_cell.most_vnd > unit_limit.limit_vnd
    cross join lateral unnest(class_cell.amounts_vnd, class_cell.times) as amount (vnd, times)
    where class_cell.benefit_class = 'amount' and amount.vnd > unit_limit.limit_vnd
    group by
        class_cell.as_of,
        class_cell.unit_no,
        class_cell.member_group_code,
        class_cell.solution_type_code,
        class_cell.content_category_code

),

counted as (

    select
        as_of,
        unit_code,
        unit_no,
        unit_kind,
        member_group_code,
        solution_type_code,
        content_category_code,
        sum(initiatives) as initiatives,
        {% for class in ['amount', 'missing', 'not_computable', 'negative', 'other_currency'] -%}
        coalesce(sum(initiatives) filter (where benefit_class = '{{ class }}'), 0) as {{ class }},
        {% endfor -%}
        coalesce(sum(sum_vnd) filter (where benefit_class = 'amount'), 0) as reported_vnd
    from class_cell
    group by as_of, unit_code, unit_no, unit_kind, member_group_code, solution_type_code, content_category_code

),

cell as materialized (

    select
        counted.*,
        coalesce(held_out.held_out, 0) as held_out,
        counted.reported_vnd - coalesce(held_out.held_out_vnd, 0) as plausible_vnd
    from counted
    left join held_out
        on
            counted.as_of = held_out.as_of
            and counted.unit_no = held_out.unit_no
            and counted.member_group_code = held_out.member_group_code
            and counted.solution_type_code = held_out.solution_type_code
            and counted.content_category_code = held_out.content_category_code

),

-- From whom a cell takes its estimate: from its like (solution_type), or wider where these are too few.
narrow as (

    select
        as_of,
        unit_kind,
        member_group_code,
        solution_type_code,
        sum(amount - held_out) as type_donors
    from cell
    group by as_of, unit_kind, member_group_code, solution_type_code

),

widened as (

    select
        *,
        sum(type_donors) over (partition by as_of, unit_kind, member_group_code) as group_donors,
        sum(type_donors) over (partition by as_of, unit_kind) as kind_donors
    from narrow

),

served as materialized (

    select
        as_of,
        unit_kind,
        member_group_code,
        solution_type_code,
        case
            when type_donors >= {{ var('donors_needed') }} then 'solution_type'
            when group_donors >= {{ var('donors_needed') }} then 'member_group'
            when kind_donors > 0 then 'unit_kind'
        end as donor_level
    from widened

),

-- `any`: the donors of the pool are of whatever group or type.
wanted_pool as (

    select distinct
        as_of,
        unit_kind,
        donor_level,
        case when donor_level = 'unit_kind' then 'any' else member_group_code end as member_group_code,
        case when donor_level = 'solution_type' then solution_type_code else 'any' end as solution_type_code
    from served
    where donor_level is not null

),

pool as materialized (

    select
        *,
        row_number() over () as pool_no
    from wanted_pool

),

pool_amount as (

    select
        pool.pool_no,
        amount.vnd,
        sum(coalesce(amount.times, 1))::integer as times
    from pool
    inner join class_cell
        on
            pool.as_of = class_cell.as_of
            and pool.unit_kind = class_cell.unit_kind
            and pool.member_group_code in (class_cell.member_group_code, 'any')
            and pool.solution_type_code in (class_cell.solution_type_code, 'any')
    inner join unit_limit
        on class_cell.as_of = unit_limit.as_of and class_cell.unit_no = unit_limit.unit_no
    cross join lateral unnest(class_cell.amounts_vnd, class_cell.times) as amount (vnd, times)
    where class_cell.benefit_class = 'amount' and amount.vnd <= unit_limit.limit_vnd
    group by pool.pool_no, amount.vnd

),

pool_place as (

    {{ placed_amounts('pool_amount', ['pool_no']) }}

),

pool_quartile as (

    select
        pool_no,
        min(amounts) as donors,
        trim_scale({{ quartile(1) }}) as low_vnd,
        trim_scale({{ quartile(2) }}) as median_vnd,
        trim_scale({{ quartile(3) }}) as high_vnd
    from pool_place
    group by pool_no

),

donor as materialized (

    select
        pool.*,
        pool_quartile.donors,
        pool_quartile.low_vnd,
        pool_quartile.median_vnd,
        pool_quartile.high_vnd
    from pool
    inner join pool_quartile on pool.pool_no = pool_quartile.pool_no

),

benefit_cell as (

    select
        cell.as_of,
        cell.unit_code,
        cell.unit_kind,
        cell.member_group_code,
        cell.solution_type_code,
        cell.content_category_code,
        cell.initiatives,
        cell.amount as amounts,
        cell.missing,
        cell.not_computable,
        cell.negative,
        cell.other_currency,
        cell.held_out,
        case when donor.pool_no is null then 0 else cell.missing end as imputed,
        cell.reported_vnd,
        cell.plausible_vnd,
        served.donor_level,
        donor.donors,
        donor.median_vnd as donor_median_vnd,
        donor.low_vnd as donor_low_vnd,
        donor.high_vnd as donor_high_vnd
    from cell
    inner join served
        on
            cell.as_of = served.as_of
            and cell.unit_kind = served.unit_kind
            and cell.member_group_code = served.member_group_code
            and cell.solution_type_code = served.solution_type_code
    left join donor
        on
            served.as_of = donor.as_of
            and served.unit_kind = donor.unit_kind
            and served.donor_level = donor.donor_level
            and donor.member_group_code in (served.member_group_code, 'any')
            and donor.solution_type_code in (served.solution_type_code, 'any')

)
{%- endmacro %}
