-- The surrogates of some rows are made anew: pg_temp.rekeyed has their places and new keys (sangkien.privacy.rekey).

create unique index on rekeyed (unit_code, delivery_no, line_number);
analyze rekeyed;

create temporary table was_keyed on commit drop as
select
    s.unit_code,
    s.delivery_no,
    s.line_number,
    s.code_key,
    s.author_key as old_author,
    r.author_key as new_author,
    s.duplicate_key as old_duplicate,
    r.duplicate_key as new_duplicate
from staging.initiative as s
inner join rekeyed as r using (unit_code, delivery_no, line_number);

-- Where a row outside of these is the same initiative, all of them keep their key: they go on to be one.
create temporary table duplicate_rekeyed on commit drop as
select distinct
    old_duplicate,
    new_duplicate
from was_keyed as w
where old_duplicate <> new_duplicate and not exists (
    select from staging.initiative as s
    where
        s.duplicate_key = w.old_duplicate
        and not exists (
            select from rekeyed as r
            where (r.unit_code, r.delivery_no, r.line_number) = (s.unit_code, s.delivery_no, s.line_number)
        )
);

update staging.initiative as s
set author_key = w.new_author, duplicate_key = coalesce(d.new_duplicate, s.duplicate_key)
from was_keyed as w
left join duplicate_rekeyed as d using (old_duplicate)
where
    (s.unit_code, s.delivery_no, s.line_number) = (w.unit_code, w.delivery_no, w.line_number)
    and (s.author_key is distinct from w.new_author or d.new_duplicate is not null);

update intermediate.initiative_stretch as s set duplicate_key = d.new_duplicate
from duplicate_rekeyed as d
where s.duplicate_key = d.old_duplicate;

update intermediate.duplicate_stretch as s set duplicate_key = d.new_duplicate
from duplicate_rekeyed as d
where s.duplicate_key = d.old_duplicate;
