-- Judge, first: which version of an initiative stood when (contract §1, §3). {invalid}, {under_review} are filled in.
-- The work is that of the deliveries whose status differs from the one under which they were last judged, and of the
-- initiatives in `rejudged`, which another rule set has left (bring_under.sql).

-- What waits, as it stands now: a delivery that another run loads meanwhile waits for the next turn.
create temporary table waiting on commit drop as
select *
from ops.delivery
where judged_status is distinct from status;

-- A load of many rows is judged and built at once: the planner must not wait for autovacuum to know of them. A night's
-- few change nothing of what it knows, and to look at all columns again takes seconds.
do $$
begin
    if (select sum(rows_accepted) from waiting)
        > 0.1 * (select reltuples from pg_class where oid = 'staging.initiative'::regclass)
    then
        analyze staging.initiative;
    end if;
end
$$;
analyze ops.delivery;

create temporary table changed_delivery on commit drop as
select
    unit_code,
    delivery_no,
    is_full
from waiting
where dataset = 'initiatives' and (counts or judged_status in ('accepted', 'accepted_with_issues'));

-- A full export is complete when its one file, or all its parts of one count, are accepted and have a row (§1).
create temporary table complete_full on commit drop as
select
    unit_code,
    export_date,
    part_count,
    case when part_count = 0 then file_name else '' end as alone
from ops.delivery
where counts and is_full and dataset = 'initiatives'
group by unit_code, export_date, part_count, alone
having (part_count = 0 or count(distinct part_no) = part_count) and sum(rows_read) > 0;

create temporary table counting on commit drop as
select
    d.unit_code,
    d.delivery_no,
    d.file_name,
    d.part_no,
    d.part_count,
    d.export_date,
    f.unit_code is null as as_delta,
    d.is_full
from ops.delivery as d
left join complete_full as f
    on
        d.is_full and d.unit_code = f.unit_code and d.export_date = f.export_date and d.part_count = f.part_count
        and f.alone in (d.file_name, '')
where d.counts and d.dataset = 'initiatives';
create unique index on counting (unit_code, delivery_no);
analyze counting;

create temporary table touched on commit drop as
select
    s.unit_code,
    s.code_key
from changed_delivery as c
inner join staging.initiative as s on c.unit_code = s.unit_code and c.delivery_no = s.delivery_no
union
select
    s.unit_code,
    s.code_key
from changed_delivery as c
inner join staging.initiative as s on c.unit_code = s.unit_code
where c.is_full
union
select
    unit_code,
    code_key
from rejudged;
create unique index on touched (unit_code, code_key);
analyze touched;

-- A night's initiatives are looked up one by one: to read the history for them looks cheaper to the planner than it is.
do $$
begin
    if (select count(*) from touched)
        < 0.1 * (select reltuples from pg_class where oid = 'staging.initiative'::regclass)
    then
        set local enable_hashjoin = off;
        set local enable_mergejoin = off;
    end if;
end
$$;

-- The version of each day: the last row by (full before delta, part, file name, line) (§1, §3).
create temporary table stretch on commit drop as
with version as (
    select distinct on (s.unit_code, s.code_key, s.export_date)
        s.unit_code,
        s.code_key,
        s.export_date,
        s.delivery_no,
        s.line_number,
        s.rule_codes,
        s.duplicate_key,
        s.submitted_on,
        s.benefit_vnd,
        case
            when s.status_code = 'withdrawn' then 'withdrawn'
            when s.rule_codes && {invalid} then 'invalid'
            when s.rule_codes && {under_review} then 'under_review'
            else 'valid'
        end as verdict
    from touched as t
    inner join staging.initiative as s on t.unit_code = s.unit_code and t.code_key = s.code_key
    inner join counting as c on s.unit_code = c.unit_code and s.delivery_no = c.delivery_no
    order by
        s.unit_code asc, s.code_key asc, s.export_date asc,
        c.as_delta desc, c.part_no desc, c.file_name collate "C" desc, s.line_number desc
)

select
    *,
    export_date as as_of_from,
    lead(export_date, 1, date '9999-12-31') over (partition by unit_code, code_key order by export_date) as as_of_to,
    false as left_out
from version;
analyze stretch;
set local enable_hashjoin to default;
set local enable_mergejoin to default;

-- Left out of a later full export: withdrawn from its date on, unless its code is in a rejected row of it (§1).
create temporary table left_out on commit drop as
select
    s.unit_code,
    s.code_key,
    s.as_of_from,
    min(f.export_date) as left_out_from
from stretch as s
inner join complete_full as f
    on s.unit_code = f.unit_code and s.as_of_from < f.export_date and f.export_date < s.as_of_to
where not exists (
    select
    from counting as c
    inner join landing.rejected_row as r on c.unit_code = r.unit_code and c.delivery_no = r.delivery_no
    where
        c.unit_code = f.unit_code and c.export_date = f.export_date and c.part_count = f.part_count and c.is_full
        and f.alone in (c.file_name, '') and r.unit_code = s.unit_code and r.code_key = s.code_key
)
group by s.unit_code, s.code_key, s.as_of_from;

insert into stretch
select
    s.unit_code,
    s.code_key,
    s.export_date,
    s.delivery_no,
    s.line_number,
    s.rule_codes,
    s.duplicate_key,
    s.submitted_on,
    s.benefit_vnd,
    'withdrawn' as verdict,
    l.left_out_from as as_of_from,
    s.as_of_to,
    true as left_out
from stretch as s
inner join left_out as l on s.unit_code = l.unit_code and s.code_key = l.code_key and s.as_of_from = l.as_of_from;

update stretch as s
set as_of_to = l.left_out_from
from left_out as l
where s.unit_code = l.unit_code and s.code_key = l.code_key and s.as_of_from = l.as_of_from;

-- Replace the stretches of what was touched; remember every set of duplicates that they were or are in.
create temporary table removed_stretch on commit drop as
with removed as (
    delete from intermediate.initiative_stretch as s
    using touched as t
    where s.unit_code = t.unit_code and s.code_key = t.code_key
    returning s.*
)

select * from removed;
analyze removed_stretch;

create temporary table affected_set on commit drop as
select duplicate_key from removed_stretch
where duplicate_key is not null
union
select duplicate_key from stretch
where duplicate_key is not null and verdict in ('valid', 'under_review');

insert into intermediate.initiative_stretch (
    unit_code, code_key, as_of_from, as_of_to, delivery_no, line_number, left_out, verdict, rule_codes,
    duplicate_key, submitted_on, benefit_vnd
)
select
    unit_code,
    code_key,
    as_of_from,
    as_of_to,
    delivery_no,
    line_number,
    left_out,
    verdict,
    rule_codes,
    case when verdict in ('valid', 'under_review') then duplicate_key end as duplicate_key,
    submitted_on,
    benefit_vnd
from stretch;
create unique index on affected_set (duplicate_key);
analyze affected_set;
