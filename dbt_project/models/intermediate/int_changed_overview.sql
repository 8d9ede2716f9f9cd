{{ config(materialized='table', unlogged=true) }}

-- depends_on: {{ ref('int_version_change') }}

with overview_date as (

    select * from {{ ref('int_overview_date') }}

),

{% if is_scoped() -%}
version_change as (

    select * from {{ ref('int_version_change') }}

),

-- What the base tells, and whether an attempt since then has brought in or closed a row: that is undone.
kept as (

    select
        as_of,
        bool_or(({{ came_after_base() }}) or ({{ went_after_base() }})) as is_touched
    from warehouse.rpt_overview
    where ({{ in_base() }}) or ({{ came_after_base() }})
    group by as_of

),

-- A version that was replaced by its like (because it ended, say) changes nothing on the days on which both stand.
reached as (

    select overview_date.as_of
    from overview_date
    inner join version_change
        on
            overview_date.as_of >= version_change.as_of_from
            and overview_date.as_of < version_change.as_of_to
    group by
        overview_date.as_of,
        version_change.unit_code,
        version_change.verdict,
        version_change.member_group_code,
        version_change.solution_type_code,
        version_change.benefit_state,
        version_change.benefit_amount,
        version_change.benefit_vnd
    having sum(version_change.step) <> 0

),
{%- endif %}

int_changed_overview as (

    {% if is_scoped() -%}
        select
            coalesce(overview_date.as_of, kept.as_of) as as_of,
            overview_date.export_day,
            overview_date.as_of is not null as is_told
        from overview_date
        full join kept on overview_date.as_of = kept.as_of
        where
            overview_date.as_of is null
            or kept.as_of is null
            or kept.is_touched
            or overview_date.as_of in (select reached.as_of from reached)
    {%- else -%}
        select
            as_of,
            export_day,
            true as is_told
        from overview_date
    {%- endif %}

)

select * from int_changed_overview
