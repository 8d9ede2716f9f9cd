{#-
    The headline figures as of each day of the CTE `overview_date` (as_of, export_day: the day whose benefit_cell tells
    of it), as CTEs that end in overview. Needs the CTE benefit_cell.
-#}
{% macro overview_ctes() -%}
verdict_count as (

    select
        overview_date.as_of,
        {% for verdict in ['valid', 'invalid', 'under_review', 'withdrawn'] -%}
        coalesce(sum(change.initiatives) filter (where change.verdict = '{{ verdict }}'), 0)::integer as {{ verdict }}
        {{- ',' if not loop.last }}
        {% endfor -%}
    from overview_date
    left join {{ ref('fct_verdict_change').include(database=false) }} as change
        on overview_date.as_of >= change.as_of
    group by overview_date.as_of

),

valid_by_group as (

    select
        overview_date.as_of,
        member_group.member_group_code,
        coalesce(sum(change.initiatives), 0) as valid
    from overview_date
    cross join {{ ref('dim_member_group').include(database=false) }} as member_group
    left join {{ ref('fct_verdict_change').include(database=false) }} as change
        on
            overview_date.as_of >= change.as_of
            and member_group.member_group_code = change.member_group_code
            and change.verdict = 'valid'
    group by overview_date.as_of, member_group.member_group_code

),

member_group_count as (

    select
        as_of,
        jsonb_object_agg(member_group_code, valid) as valid_by_member_group
    from valid_by_group
    group by as_of

),

benefit as (

    select
        overview_date.as_of,
        {{ benefit_totals() }}
    from overview_date
    left join benefit_cell on overview_date.export_day = benefit_cell.as_of
    group by overview_date.as_of

),

overview as (

    select
        overview_date.as_of,
        verdict_count.valid + verdict_count.invalid + verdict_count.under_review as submitted,
        verdict_count.valid,
        verdict_count.invalid,
        verdict_count.under_review,
        verdict_count.withdrawn,
        member_group_count.valid_by_member_group,
        verdict_count.valid as quota_numerator,
        phase.cumulative_quota as quota_denominator,
        'valid_over_cumulative_quota_of_' || phase.phase_code as quota_basis,
        benefit.reported_vnd as benefit_reported_vnd,
        benefit.plausible_vnd as benefit_plausible_vnd,
        benefit.completed_vnd as benefit_completed_vnd,
        benefit.completed_low_vnd as benefit_completed_low_vnd,
        benefit.completed_high_vnd as benefit_completed_high_vnd
    from overview_date
    inner join verdict_count on overview_date.as_of = verdict_count.as_of
    inner join member_group_count on overview_date.as_of = member_group_count.as_of
    inner join benefit on overview_date.as_of = benefit.as_of
    inner join {{ ref('dim_phase').include(database=false) }} as phase
        on overview_date.as_of >= phase.in_force_from and overview_date.as_of < phase.in_force_to

)
{%- endmacro %}
