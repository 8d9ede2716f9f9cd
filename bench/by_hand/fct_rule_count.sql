create table fct_rule_count as
select
    v.unit_code,
    date_trunc('week', v.export_date)::date as export_week,
    r.rule_code,
    count(*)::integer as initiatives
from fct_initiative_version as v
cross join lateral unnest(v.rule_codes || 'all'::text) as r (rule_code)
where v.as_of_to = '9999-12-31'
group by 1, 2, 3;
