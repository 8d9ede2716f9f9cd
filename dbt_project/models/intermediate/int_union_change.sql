{{ config(materialized='view') }}

with version_change as (

    select * from {{ ref('int_version_change') }}

),

stretch_change as (

    select
        unit_code,
        union_key,
        as_of_from,
        as_of_to,
        sum(step) as step
    from version_change
    where verdict = 'valid' and union_key <> unit_code
    group by unit_code, union_key, as_of_from, as_of_to

),

-- For the union itself and the one above it.
int_union_change as (

    select
        stretch_change.unit_code,
        told.union_key,
        bound.as_of,
        bound.step
    from stretch_change
    cross join lateral (
        values
        (stretch_change.union_key),
        ({{ parent_union_key('stretch_change.union_key') }})
    ) as told (union_key)
    cross join lateral (
        values
        (stretch_change.as_of_from, stretch_change.step),
        (stretch_change.as_of_to, -stretch_change.step)
    ) as bound (as_of, step)
    where told.union_key <> stretch_change.unit_code and bound.as_of < {{ open_end() }}

)

select * from int_union_change
