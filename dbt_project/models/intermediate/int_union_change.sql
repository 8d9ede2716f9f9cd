{{ config(materialized='view') }}

with version_change as (

    select * from {{ ref('int_version_change') }}

),

day_change as (

    select
        version_change.unit_code,
        version_change.union_key,
        bound.as_of,
        sum(bound.step) as step
    from version_change
    cross join lateral (
        values
        (version_change.as_of_from, version_change.step),
        (version_change.as_of_to, -version_change.step)
    ) as bound (as_of, step)
    where
        version_change.verdict = 'valid'
        and version_change.union_key <> version_change.unit_code
        and bound.as_of < {{ open_end() }}
    group by version_change.unit_code, version_change.union_key, bound.as_of

),

-- For the union itself and the one above it.
int_union_change as (

    select
        day_change.unit_code,
        told.union_key,
        day_change.as_of,
        day_change.step
    from day_change
    cross join lateral (
        values
        (day_change.union_key),
        ({{ parent_union_key('day_change.union_key') }})
    ) as told (union_key)
    where told.union_key <> day_change.unit_code

)

select * from int_union_change
