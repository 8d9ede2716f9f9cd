create table fct_author_phase as
select
    v.unit_code,
    v.union_key,
    v.author_key,
    coalesce(p.phase_code, 'none') as phase_code,
    count(*)::integer as submitted_count,
    count(*) filter (where v.verdict = 'valid')::integer as valid_count,
    coalesce(
        sum(v.benefit_vnd) filter (
            where v.verdict = 'valid' and v.benefit_vnd >= 0 and 'W04' <> all(v.rule_codes)
        ), 0
    ) as plausible_vnd
from fct_initiative_version as v
left join dim_phase as p on v.submitted_on between p.upload_from and p.upload_to
where v.as_of_to = '9999-12-31' and v.verdict <> 'withdrawn' and v.author_key is not null
group by 1, 2, 3, 4;
