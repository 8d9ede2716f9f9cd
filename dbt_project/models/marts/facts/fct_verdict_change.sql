{{ config(meta={'key': ['unit_code', 'as_of', 'verdict', 'member_group_code']}) }}

with version_change as (

    select * from {{ ref('int_version_change') }}

),

stretch_change as (

    select
        unit_code,
        as_of_from,
        as_of_to,
        verdict,
        coalesce(member_group_code, 'unknown') as member_group_code,
        sum(step) as initiatives
    from version_change
    group by unit_code, as_of_from, as_of_to, verdict, coalesce(member_group_code, 'unknown')

),

day_change as (

    select
        stretch_change.unit_code,
        bound.as_of,
        stretch_change.verdict,
        stretch_change.member_group_code,
        bound.initiatives
    from stretch_change
    cross join lateral (
        values
        (stretch_change.as_of_from, stretch_change.initiatives),
        (stretch_change.as_of_to, -stretch_change.initiatives)
    ) as bound (as_of, initiatives)
    where bound.as_of < {{ open_end() }}
    {% if is_scoped() -%}
        union all
        select
            unit_code,
            as_of,
            verdict,
            member_group_code,
            initiatives
        from {{ stamped_table(this) }}
        where {{ in_base() }}
    {%- endif %}

),

fct_verdict_change as (

    select
        unit_code,
        as_of,
        verdict,
        member_group_code,
        sum(initiatives)::integer as initiatives
    from day_change
    group by unit_code, as_of, verdict, member_group_code
    having sum(initiatives) <> 0

)

select * from fct_verdict_change
