-- ops: publications that are kept for good, and those whose rows are gone.
alter table ops.publication
add official_as text,
add pruned_at timestamptz;
comment on column ops.publication.official_as is 'What it was told as outside the house; it is never pruned.';
comment on column ops.publication.pruned_at is 'When rows that only it showed were deleted: it is shown no more.';

-- A publication that cannot be shown is an error, not a wrong answer.
create or replace function ops.shown_publication() returns integer
language plpgsql stable parallel safe as $$
declare
    asked integer := nullif(current_setting('sangkien.publication', true), '')::integer;
begin
    if asked is null then
        return (select publication_id from ops.current_publication);
    end if;
    if not exists (select from ops.publication where publication_id = asked and pruned_at is null) then
        raise exception 'publication % cannot be shown: there is none, or it was pruned', asked
            using hint = 'See `sangkien publications`.';
    end if;
    return asked;
end
$$;
