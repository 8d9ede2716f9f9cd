-- How many of each unit's valid initiatives name each amount: a night moves what it changed, and the median of W04
-- (contract §4) is told without a look at the unit's other initiatives.
create table intermediate.unit_benefit_amount (
    unit_code text not null,
    benefit_vnd numeric not null,
    initiatives integer not null check (initiatives > 0),
    primary key (unit_code, benefit_vnd)
);

insert into intermediate.unit_benefit_amount (unit_code, benefit_vnd, initiatives)
select
    s.unit_code,
    s.benefit_vnd,
    count(*) as initiatives
from intermediate.initiative_stretch as s
where
    s.as_of_to = date '9999-12-31'
    and s.benefit_vnd is not null
    and s.verdict = 'valid'
    and not exists (
        select from intermediate.duplicate_stretch as d
        where
            d.unit_code = s.unit_code and d.code_key = s.code_key and d.stretch_from = s.as_of_from
            and d.as_of_to = s.as_of_to and d.rule_codes <> '{}'
    )
group by s.unit_code, s.benefit_vnd;
