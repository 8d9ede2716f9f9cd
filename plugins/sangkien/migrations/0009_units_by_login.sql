-- Which unit a session reads is decided by its login. A member of bi_unit_<code> could `set role bi_unit`, be a member
-- of no unit any more, and name another one in sangkien.unit. A superuser is a member of everything: what counts is
-- what it plays.
create or replace function ops.read_units() returns text[]
language sql stable parallel safe
return coalesce(
    (
        select array_agg(substr(unit.rolname, length('bi_unit_') + 1))
        from pg_roles as unit
        cross join
            (
                select case when rolsuper then current_user else session_user end as rolname
                from pg_roles
                where rolname = session_user
            ) as reader
        where starts_with(unit.rolname, 'bi_unit_') and pg_has_role(reader.rolname, unit.oid, 'member')
    ),
    array[current_setting('sangkien.unit', true)]
);
comment on function ops.read_units() is
'The units whose detail this login may read: those of its roles bi_unit_<code>, else the one of sangkien.unit.';

-- Default privileges hold for what their owner makes. What a transformer with a login of its own has built it grants
-- itself.
create function ops.grant_built() returns void
language plpgsql as $$
declare
    built record;
begin
    for built in
        select c.oid::regclass as relation, r.role_name
        from (
            values
                ('marts', 'bi_reader'), ('marts', 'bi_unit'),
                ('marts', 'sangkien_transformer'), ('marts', 'sangkien_publisher'),
                ('marts', 'sangkien_privacy_officer'),
                ('warehouse', 'sangkien_publisher'), ('warehouse', 'sangkien_privacy_officer')
        ) as r (schema_name, role_name)
        inner join pg_roles as p on r.role_name = p.rolname
        inner join pg_class as c on c.relnamespace = r.schema_name::regnamespace and c.relkind in ('r', 'v')
        where pg_get_userbyid(c.relowner) = current_user and not has_table_privilege(p.oid, c.oid, 'select')
    loop
        execute format('grant select on %s to %I', built.relation, built.role_name);
    end loop;
end
$$;
comment on function ops.grant_built() is
'Let those who may read what is built (docs/roles.md) read what this session''s user has built; no roles: nothing.';
