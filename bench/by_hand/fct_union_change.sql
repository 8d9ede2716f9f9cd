create table fct_union_change as
with step as (
    select
        unit_code,
        union_key,
        as_of_from as as_of,
        count(*) as step
    from fct_initiative_version
    where verdict = 'valid' and union_key <> unit_code
    group by 1, 2, 3
    union all
    select
        unit_code,
        union_key,
        as_of_to,
        -count(*)
    from fct_initiative_version
    where verdict = 'valid' and union_key <> unit_code and as_of_to < '9999-12-31'
    group by 1, 2, 3
)

select
    unit_code,
    union_key,
    as_of,
    sum(step)::integer as initiatives
from (
    select * from step
    union all
    select
        unit_code,
        regexp_replace(union_key, '/[^/]*$', ''),
        as_of,
        step
    from step
    where union_key like '%/%/%'
) as told
group by 1, 2, 3
having sum(step) <> 0;
