create table fct_verdict_change as
select
    unit_code,
    as_of,
    verdict,
    member_group_code,
    sum(step)::integer as initiatives
from (
    select
        unit_code,
        as_of_from as as_of,
        verdict,
        coalesce(member_group_code, 'unknown') as member_group_code,
        count(*) as step
    from fct_initiative_version
    group by 1, 2, 3, 4
    union all
    select
        unit_code,
        as_of_to,
        verdict,
        coalesce(member_group_code, 'unknown'),
        -count(*)
    from fct_initiative_version
    where as_of_to < '9999-12-31'
    group by 1, 2, 3, 4
) as step
group by 1, 2, 3, 4
having sum(step) <> 0;
