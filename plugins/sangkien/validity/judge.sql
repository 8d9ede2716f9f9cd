-- Judge what has changed: which version of an initiative stood when, which are duplicates, what is implausible
-- (contract §3, §4). One transaction; {publication}, {invalid}, {under_review} and the limits of W04 are filled in.
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
create temporary table affected_set on commit drop as
with removed as (
    delete from intermediate.initiative_stretch as s
    using touched as t
    where s.unit_code = t.unit_code and s.code_key = t.code_key
    returning s.duplicate_key
)

select duplicate_key from removed
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

-- Duplicates (§4): cut the stretches of each set wherever one of them begins or ends; in each piece the first filer
-- stands.
create temporary table set_before on commit drop as
with removed as (
    delete from intermediate.duplicate_stretch as d
    using affected_set as a
    where d.duplicate_key = a.duplicate_key
    returning d.unit_code, d.code_key
)

select distinct
    unit_code,
    code_key
from removed;

create temporary table candidate on commit drop as
select
    s.duplicate_key,
    s.unit_code,
    s.code_key,
    s.as_of_from,
    s.as_of_to,
    s.submitted_on
from affected_set as a
inner join intermediate.initiative_stretch as s on a.duplicate_key = s.duplicate_key;

create temporary table set_member on commit drop as
select c.*
from candidate as c
inner join (
    select duplicate_key
    from candidate
    group by duplicate_key
    having count(*) > 1
) as several on c.duplicate_key = several.duplicate_key;
analyze set_member;

insert into intermediate.duplicate_stretch (
    duplicate_key, unit_code, code_key, stretch_from, as_of_from, as_of_to, rule_codes, first_unit_code, first_code_key
)
with cut as (
    select
        duplicate_key,
        as_of_from as day
    from set_member
    union
    select
        duplicate_key,
        as_of_to
    from set_member
),

piece as (
    select
        m.*,
        c.day as piece_from,
        lead(c.day, 1, m.as_of_to) over (
            partition by m.duplicate_key, m.unit_code, m.code_key, m.as_of_from
            order by c.day
        ) as piece_to
    from set_member as m
    inner join cut as c on m.duplicate_key = c.duplicate_key and m.as_of_from <= c.day and c.day < m.as_of_to
),

ranked as (
    select
        *,
        row_number() over filing - 1 as earlier,
        row_number() over filing_in_unit - 1 as earlier_in_unit,
        first_value(unit_code) over filing as first_unit_code,
        first_value(code_key) over filing as first_code_key
    from piece
    window
        filing as (
            partition by duplicate_key, piece_from
            order by submitted_on, unit_code collate "C", code_key collate "C"
        ),
        filing_in_unit as (
            partition by duplicate_key, piece_from, unit_code
            order by submitted_on, code_key collate "C"
        )
),

judged as (
    select
        *,
        array_remove(array[
            case when earlier_in_unit > 0 then 'V12' end,
            case when earlier > earlier_in_unit then 'V13' end
        ], null) as rule_codes
    from ranked
),

-- Pieces that follow each other and say the same are one.
island as (
    select
        *,
        row_number() over (partition by unit_code, code_key, as_of_from order by piece_from)
        - row_number() over (
            partition by unit_code, code_key, as_of_from, rule_codes, first_unit_code, first_code_key
            order by piece_from
        ) as island_no
    from judged
)

select
    duplicate_key,
    unit_code,
    code_key,
    as_of_from as stretch_from,
    min(piece_from) as as_of_from,
    max(piece_to) as as_of_to,
    rule_codes,
    first_unit_code,
    first_code_key
from island
group by duplicate_key, unit_code, code_key, as_of_from, rule_codes, first_unit_code, first_code_key, island_no;

create temporary table changed on commit drop as
select
    unit_code,
    code_key
from touched
union
select
    unit_code,
    code_key
from set_before
union
select
    unit_code,
    code_key
from set_member;
analyze changed;

-- W04: the median of the valid amounts of each unit where something changed (§4); the mean of the middle two, exactly.
create temporary table median_now on commit drop as
select
    s.unit_code,
    count(*) as amounts,
    case
        when count(*) >= {benefit_least_amounts}
            then (
                percentile_disc(0.5) within group (order by s.benefit_vnd asc)
                + percentile_disc(0.5) within group (order by s.benefit_vnd desc)
            ) / 2
    end as median_vnd
from intermediate.initiative_stretch as s
where
    s.unit_code in (select unit_code from changed)
    and s.as_of_to = date '9999-12-31'
    and s.benefit_vnd is not null
    and s.verdict = 'valid'
    and not exists (
        select from intermediate.duplicate_stretch as d
        where
            d.unit_code = s.unit_code and d.code_key = s.code_key and d.stretch_from = s.as_of_from
            and d.as_of_to = s.as_of_to and d.rule_codes <> '{{}}'
    )
group by s.unit_code;

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
    end if;
end
$$;
analyze intermediate.changed_initiative;

update ops.delivery as d
set
    judged_status = w.status,
    judged_in = {publication}
from waiting as w
where d.unit_code = w.unit_code and d.delivery_no = w.delivery_no;
