-- restricted: what persons have asked for. Personal only until it is answered; then the row is the log of the answer.
create schema restricted;

create table restricted.person_request (
    request_id integer primary key generated always as identity,
    asked_at timestamptz not null default clock_timestamp(),
    author_name text,
    author_birth date,
    member_card text,
    unit_code text,
    initiative_code text,
    answered_at timestamptz,
    answer text check (answer in ('erased', 'closed')),
    because text,
    counted jsonb not null default '{}',
    constraint nothing_personal_in_the_log check (
        answer is null
        or coalesce(author_name, author_birth::text, member_card, unit_code, initiative_code) is null
    )
);

-- Which key the surrogates of authors were made with: a night with another one would part each author in two.
create table ops.pseudonym_key (
    only_row boolean primary key default true check (only_row),
    fingerprint text not null
);
