-- Which unit a session reads is decided by its login. A member of bi_unit_<code> could `set role bi_unit`, be a member of no
-- unit any more, and name another one in sangkien.unit. A superuser is a member of everything: what counts is what it plays.
create or replace function ops.read_units() returns text[]
language sql stable parallel safe
return coalesce(
    (
        select array_agg(substr(unit.rolname, length('bi_unit_') + 1))
        from pg_roles as unit
        cross join
            (
                select case when rolsuper then current_user else session_user end as rolname
                from pg_roles where rolname = session_user
            ) as reader
        where starts_with(unit.rolname, 'bi_unit_') and pg_has_role(reader.rolname, unit.oid, 'member')
    ),
    array[current_setting('sangkien.unit', true)]
);
comment on function ops.read_units() is
'The units whose detail this login may read: those of its roles bi_unit_<code>, else the one of sangkien.unit.';
