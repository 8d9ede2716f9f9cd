{{ config(
    materialized='table',
    unlogged=true,
    indexes=[{'columns': ['unit_code', 'upper_key', 'grassroots_key', 'applies_from'], 'unique': true}],
) }}

with union_correction as (

    select * from {{ ref('stg_reference__union_correction') }}

),

unit_name as (

    select * from {{ ref('int_unit_name') }}

),

keyed as (

    select
        union_correction.*,
        coalesce({{ match_key('union_correction.upper_union') }}, '') as upper_key,
        coalesce({{ match_key('union_correction.grassroots_union') }}, '') as grassroots_key,
        nullif(nullif({{ match_key('union_correction.correct_upper_union') }}, ''), unit_name.name_key)
            as correct_upper_key,
        nullif({{ match_key('union_correction.correct_grassroots_union') }}, '') as correct_grassroots_key
    from union_correction
    inner join unit_name on union_correction.unit_code = unit_name.unit_code

),

int_union_correction as (

    select
        unit_code,
        upper_key,
        grassroots_key,
        applies_from,
        lead(applies_from, 1, {{ open_end() }}) over (
            partition by unit_code, upper_key, grassroots_key
            order by applies_from
        ) as applies_to,
        {{ union_key('unit_code', 'correct_upper_key', 'correct_grassroots_key') }} as union_key,
        correct_upper_union,
        correct_grassroots_union
    from keyed

)

select * from int_union_correction
