-- What readers may see (docs/roles.md). The roles themselves are the server's: `sangkien roles` makes them.

-- A reader asks for publications; what no gate has passed is for those who make it.
create or replace function ops.shown_publication() returns integer
language plpgsql stable parallel safe as $$
declare
    asked integer := nullif(current_setting('sangkien.publication', true), '')::integer;
begin
    if asked is null then
        return (select publication_id from ops.current_publication);
    end if;
    if not exists (
        select from ops.publication
        where
            publication_id = asked and pruned_at is null
            and (state = 'published' or has_table_privilege(session_user, 'ops.publication', 'update'))
    ) then
        raise exception 'publication % cannot be shown: there is none, or it was pruned', asked
            using hint = 'See `sangkien publications`.';
    end if;
    return asked;
end
$$;

create function ops.read_units() returns text[]
language sql stable parallel safe
return coalesce(
    (
        select array_agg(substr(rolname, length('bi_unit_') + 1)) from pg_roles
        where starts_with(rolname, 'bi_unit_') and pg_has_role(oid, 'usage')
    ),
    array[current_setting('sangkien.unit', true)]
);
comment on function ops.read_units() is
'The units whose detail this session may read: those of its roles bi_unit_<code>, else the one of sangkien.unit.';

create function ops.guard_by_unit(guarded regclass) returns void
language plpgsql as $$
declare
    reader record;
begin
    if not (select relrowsecurity from pg_class where oid = guarded) then
        execute format('alter table %s enable row level security', guarded);
    end if;
    for reader in
        select r.role_name, r.test
        from (
            values
                ('bi_unit', 'unit_code = any((select ops.read_units())::text[])'),
                ('bi_reader', 'true'),
                ('sangkien_transformer', 'true'),
                ('sangkien_publisher', 'true'),
                ('sangkien_privacy_officer', 'true')
        ) as r (role_name, test)
        inner join pg_roles on pg_roles.rolname = r.role_name
        where not exists (select from pg_policy where polrelid = guarded and polname = 'of_' || r.role_name)
    loop
        execute format('create policy %I on %s to %I using (%s)', 'of_' || reader.role_name, guarded, reader.role_name, reader.test);
        execute format('grant select on %s to %I', guarded, reader.role_name);
    end loop;
end
$$;
comment on function ops.guard_by_unit(regclass) is
'Let each role see the rows of a table that it may: a unit its own. A role that has come since is added.';
