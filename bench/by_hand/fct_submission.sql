create table fct_submission as
select
    unit_code,
    coalesce(submitted_on, '9999-12-31') as submitted_day,
    verdict,
    count(*)::integer as initiatives
from fct_initiative_version
where as_of_to = '9999-12-31'
group by 1, 2, 3;
