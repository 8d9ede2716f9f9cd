-- Bring the row rules that fired on each row under another rule set (docs/decisions/0006-rule-sets.md), in the judge's
-- transaction. {which} rows; {initiative_rules} and {quota_rules} say which rules fire on a row.

create temporary table rejudged on commit drop as
with brought as (
    update staging.initiative
    set
        rule_codes = {initiative_rules},
        rule_set = {rule_set}
    where {which} and rule_codes <> {initiative_rules}
    returning unit_code, code_key, delivery_no
)

select
    unit_code,
    code_key,
    delivery_no
from brought;

-- The same rules fire, but they decide otherwise.
insert into rejudged
select
    unit_code,
    code_key,
    delivery_no
from staging.initiative
where {means_something_else};

update staging.quota
set
    rule_codes = {quota_rules},
    rule_set = {rule_set}
where {which} and rule_codes <> {quota_rules};

-- A delivery that no judge has taken, and no receipt tells of, has the issues that it has under this rule set.
update ops.delivery as d
set
    issue_count = d.rows_rejected + f.faults,
    status = case when d.rows_rejected + f.faults > 0 then 'accepted_with_issues' else 'accepted' end
from (
    select
        s.unit_code,
        s.delivery_no,
        count(*) filter (where fired.code <> all({not_the_files_fault})) as faults
    from staging.initiative as s
    left join lateral unnest(s.rule_codes) as fired (code) on true
    inner join (
        select distinct
            r.unit_code,
            r.delivery_no
        from rejudged as r
        inner join ops.delivery as w
            on
                r.unit_code = w.unit_code and r.delivery_no = w.delivery_no
                and w.counts and w.judged_status is distinct from w.status
    ) as waiting on s.unit_code = waiting.unit_code and s.delivery_no = waiting.delivery_no
    group by s.unit_code, s.delivery_no
) as f
where d.unit_code = f.unit_code and d.delivery_no = f.delivery_no;
