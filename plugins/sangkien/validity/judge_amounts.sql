-- Judge, last: which amounts are implausible for their unit (contract §4, W04), and what the facts must look at again.
-- {publication} and the limits of W04 are filled in.

create temporary table changed on commit drop as
select
    unit_code,
    code_key
from touched
union
select
    unit_code,
    code_key
from removed_piece
union
select
    unit_code,
    code_key
from set_member;
analyze changed;

-- W04: how many of each unit's valid initiatives name each amount, kept up by what went and what came.
create temporary table neighbour on commit drop as
select
    s.unit_code,
    s.code_key,
    s.as_of_from,
    s.as_of_to,
    s.verdict,
    s.benefit_vnd
from changed as c
inner join intermediate.initiative_stretch as s on c.unit_code = s.unit_code and c.code_key = s.code_key
where not exists (
    select from touched as t
    where t.unit_code = c.unit_code and t.code_key = c.code_key
);
analyze neighbour;

merge into intermediate.unit_benefit_amount as kept
using (
    with went as (
        select
            unit_code,
            code_key,
            as_of_from,
            as_of_to,
            verdict,
            benefit_vnd
        from removed_stretch
        union all
        select * from neighbour
    ),

    came as (
        select
            unit_code,
            code_key,
            as_of_from,
            as_of_to,
            verdict,
            benefit_vnd
        from stretch
        union all
        select * from neighbour
    ),

    moved as (
        select
            s.unit_code,
            s.benefit_vnd,
            -1 as step
        from went as s
        where s.as_of_to = date '9999-12-31' and s.benefit_vnd is not null and s.verdict = 'valid' and not exists (
            select from removed_piece as d
            where
                d.unit_code = s.unit_code and d.code_key = s.code_key and d.stretch_from = s.as_of_from
                and d.as_of_to = s.as_of_to and d.rule_codes <> '{{}}'
        )
        union all
        select
            s.unit_code,
            s.benefit_vnd,
            1 as step
        from came as s
        where s.as_of_to = date '9999-12-31' and s.benefit_vnd is not null and s.verdict = 'valid' and not exists (
            select from intermediate.duplicate_stretch as d
            where
                d.unit_code = s.unit_code and d.code_key = s.code_key and d.stretch_from = s.as_of_from
                and d.as_of_to = s.as_of_to and d.rule_codes <> '{{}}'
        )
    )

    select
        unit_code,
        benefit_vnd,
        sum(step) as step
    from moved
    group by unit_code, benefit_vnd
    having sum(step) <> 0
) as tonight
    on kept.unit_code = tonight.unit_code and kept.benefit_vnd = tonight.benefit_vnd
when matched and kept.initiatives + tonight.step = 0 then
    delete
when matched then
    update set initiatives = kept.initiatives + tonight.step
when not matched then
    insert (unit_code, benefit_vnd, initiatives)
    values (tonight.unit_code, tonight.benefit_vnd, tonight.step);

-- The median of each unit where something changed (§4): the mean of the middle two, exactly.
create temporary table median_now on commit drop as
with placed as (
    select
        unit_code,
        benefit_vnd,
        sum(initiatives) over (partition by unit_code order by benefit_vnd) as up_to,
        sum(initiatives) over (partition by unit_code) as amounts
    from intermediate.unit_benefit_amount
    where unit_code in (select unit_code from changed)
)

select
    unit_code,
    max(amounts) as amounts,
    case
        when max(amounts) >= {benefit_least_amounts}
            then (
                min(benefit_vnd) filter (where up_to >= (amounts + 1) / 2)
                + min(benefit_vnd) filter (where up_to >= amounts / 2 + 1)
            ) / 2
    end as median_vnd
from placed
group by unit_code;

-- The initiatives between the old limit and the new one change with it.
insert into changed (unit_code, code_key)
with moved as (
    select
        unit_code,
        least({benefit_limit_vnd}, {benefit_times_median} * o.median_vnd) as limit_before,
        least({benefit_limit_vnd}, {benefit_times_median} * n.median_vnd) as limit_now
    from (select distinct unit_code from changed) as u
    left join intermediate.unit_benefit_median as o using (unit_code)
    left join median_now as n using (unit_code)
)

select
    s.unit_code,
    s.code_key
from moved as m
inner join intermediate.initiative_stretch as s
    on
        m.unit_code = s.unit_code
        and s.benefit_vnd > least(m.limit_before, m.limit_now)
        and s.benefit_vnd <= greatest(m.limit_before, m.limit_now)
where m.limit_before <> m.limit_now and s.as_of_to = date '9999-12-31';

delete from intermediate.unit_benefit_median
where unit_code in (select unit_code from changed);
insert into intermediate.unit_benefit_median (unit_code, amounts, median_vnd)
select
    unit_code,
    amounts,
    median_vnd
from median_now;

insert into intermediate.changed_initiative (publication_id, unit_code, code_key)
select distinct
    {publication}::integer as publication_id,
    unit_code,
    code_key
from changed
on conflict do nothing;

do $$
begin
    if (select count(*) from changed)
        > 0.1 * (select reltuples from pg_class where oid = 'intermediate.initiative_stretch'::regclass)
    then
        analyze intermediate.initiative_stretch;
        analyze intermediate.duplicate_stretch;
        analyze intermediate.changed_initiative;
    end if;
end
$$;

update ops.delivery as d
set
    judged_status = w.status,
    judged_in = {publication}
from waiting as w
where d.unit_code = w.unit_code and d.delivery_no = w.delivery_no;
