-- The tables that the library writes. dbt owns `warehouse` (the rows, stamped) and `marts` (the views that BI reads).
-- Every large table carries unit_code in its key: it is the distribution key once the warehouse is sharded.

create schema ops;
create schema landing;
create schema staging;
create schema intermediate;
create schema warehouse;
create schema marts;

-- ops: runs, deliveries, publications ---------------------------------------------------------------------------------

create table ops.run (
    run_id text primary key,
    as_of date not null,
    started_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    outcome text check (outcome in ('published', 'nothing_new', 'refused', 'failed'))
);

create table ops.stage_outcome (
    run_id text not null references ops.run,
    stage text not null,
    shard text not null default '',
    attempt integer not null,
    started_at timestamptz not null,
    finished_at timestamptz,
    outcome text not null check (outcome in ('running', 'done', 'failed')),
    detail jsonb not null default '{}',
    primary key (run_id, stage, shard, attempt)
);

create table ops.delivery (
    unit_code text not null,
    delivery_no integer not null,
    file_name text not null,
    sha256 text not null,
    size_bytes bigint not null,
    dataset text check (dataset in ('initiatives', 'quotas')),
    export_date date,
    is_full boolean not null default false,
    part_no smallint not null default 0,
    part_count smallint not null default 0,
    arrived_on date not null,
    seen_at timestamptz not null default clock_timestamp(),
    run_id text not null,
    status text not null
    check (status in ('accepted', 'accepted_with_issues', 'quarantined', 'duplicate', 'superseded')),
    counts boolean not null generated always as (status in ('accepted', 'accepted_with_issues')) stored,
    -- The status under which the judge last took it, and for which publication: a difference from `status` is work.
    judged_status text,
    judged_in integer,
    reason_code text,
    reason_values jsonb not null default '{}',
    rows_read integer not null default 0,
    rows_accepted integer not null default 0,
    rows_rejected integer not null default 0,
    rows_skipped integer not null default 0,
    skipped_by_class jsonb not null default '{}',
    decisions jsonb not null default '{}',
    issue_count integer not null default 0,
    -- The status that the unit's receipt shows: a difference from `status` is work for the receipt writer.
    receipt_status text,
    primary key (unit_code, delivery_no),
    constraint every_row_accounted_for check (rows_read = rows_accepted + rows_rejected),
    constraint quarantine_has_a_reason check ((status = 'quarantined') = (reason_code is not null))
);
create unique index one_delivery_counts_per_name on ops.delivery (unit_code, file_name)
where status in ('accepted', 'accepted_with_issues');
create index delivery_waits_for_judge on ops.delivery (unit_code) where judged_status is distinct from status;
create index delivery_by_bytes on ops.delivery (unit_code, sha256);
create index delivery_by_publication on ops.delivery (judged_in);
create index delivery_waits_for_receipt on ops.delivery (unit_code) where receipt_status is distinct from status;

-- What a file looked like when it was last taken, so that an unchanged one is not read again.
create table ops.inbox_file (
    path text primary key,
    fingerprint text not null,
    sha256 text not null,
    unit_code text not null,
    delivery_no integer not null
);

create table ops.publication (
    publication_id integer primary key,
    run_id text not null,
    -- building: judged or being built; built: waits for its gate; the rest say how it ended.
    state text not null check (state in ('building', 'built', 'refused', 'published')),
    -- The last day that fct_quota_progress and the reports tell.
    horizon date not null,
    rule_set text not null,
    -- Counts the judge's turns, so that a build knows whether it has seen the last of them.
    revision integer not null default 0,
    started_at timestamptz not null default clock_timestamp(),
    published_at timestamptz,
    approved_because text,
    summary jsonb not null default '{}'
);

-- The one row that readers follow.
create table ops.current_publication (
    only_row boolean primary key default true check (only_row),
    publication_id integer not null references ops.publication
);

create function ops.shown_publication() returns integer
language sql stable parallel safe
return coalesce(
    nullif(current_setting('sangkien.publication', true), '')::integer,
    (select publication_id from ops.current_publication)
);
comment on function ops.shown_publication() is
'The publication that this session''s marts show: `set sangkien.publication = N`, else the current one.';

create table ops.gate_result (
    publication_id integer not null references ops.publication,
    suite text not null,
    check_id text not null,
    attempt integer not null,
    severity text not null check (severity in ('critical', 'warning', 'info')),
    passed boolean not null,
    observed jsonb not null default '{}',
    checked_at timestamptz not null default clock_timestamp(),
    primary key (publication_id, suite, check_id, attempt)
);

-- landing: as delivered, all text, with file and line; append-only ----------------------------------------------------

create table landing.initiative (
    unit_code text not null,
    delivery_no integer not null,
    line_number integer not null,
    initiative_code text,
    title text,
    author_name text,
    author_birth text,
    author_gender text,
    member_card text,
    member_group text,
    job_title text,
    workplace text,
    grassroots_union text,
    upper_union text,
    solution_type text,
    content_category text,
    field text,
    description text,
    coauthors text,
    applied_on text,
    recognised_on text,
    recognition_number text,
    recognition_level text,
    benefit text,
    benefit_unit text,
    benefit_computable text,
    against_public_order text,
    under_ip_protection text,
    submitted_on text,
    status text,
    unknown_columns jsonb
);

create table landing.quota (
    unit_code text not null,
    delivery_no integer not null,
    line_number integer not null,
    "union" text,
    parent_union text,
    phase text,
    quota_type text,
    quota text,
    decision_number text,
    effective_from text,
    unknown_columns jsonb
);

-- Rows that cannot be an initiative (or a quota) at all: kept whole, with the reason.
create table landing.rejected_row (
    unit_code text not null,
    delivery_no integer not null,
    line_number integer not null,
    rule_code text not null,
    code_key text,
    cells jsonb not null
);

-- staging: typed, one row per row of landing; no personal field -------------------------------------------------------

create table staging.initiative (
    unit_code text not null,
    delivery_no integer not null,
    line_number integer not null,
    initiative_code text not null,
    code_key text not null,
    export_date date not null,
    title_given boolean not null,
    title_key_length integer not null,
    title_has_two_letters boolean not null,
    author_given boolean not null,
    duplicate_key uuid,
    author_age_least smallint,
    author_age_most smallint,
    member_group_given boolean not null,
    member_group_code text,
    solution_type_given boolean not null,
    solution_type_code text,
    content_category_code text,
    status_code text,
    applied_on_given boolean not null,
    applied_on date,
    recognised_on_given boolean not null,
    recognised_on date,
    recognition_number_given boolean not null,
    submitted_on_given boolean not null,
    submitted_on date,
    against_public_order boolean,
    under_ip_protection boolean,
    benefit_computable boolean,
    benefit_unreadable boolean not null,
    benefit_amount numeric,
    benefit_currency text,
    benefit_per_year boolean,
    benefit_vnd numeric,
    unknown_value_fields text,
    repeated_in_file boolean not null,
    rule_codes text[] not null,
    rule_set text not null
);

create table staging.quota (
    unit_code text not null,
    delivery_no integer not null,
    line_number integer not null,
    export_date date not null,
    union_key text,
    union_name text,
    parent_union_key text,
    phase_code text,
    quota_type text,
    quota numeric,
    decision_number text,
    effective_from date,
    rule_codes text[] not null,
    rule_set text not null
);

-- intermediate: which version stood when, and what the judge said -----------------------------------------------------

-- One row per initiative and stretch of export dates [as_of_from, as_of_to) in which one of its versions stood.
create table intermediate.initiative_stretch (
    unit_code text not null,
    code_key text not null,
    as_of_from date not null,
    as_of_to date not null,
    delivery_no integer not null,
    line_number integer not null,
    left_out boolean not null,
    verdict text not null check (verdict in ('valid', 'invalid', 'under_review', 'withdrawn')),
    rule_codes text[] not null,
    duplicate_key uuid,
    submitted_on date,
    benefit_vnd numeric
);

-- The stretches of candidates that share a duplicate key, cut wherever the set changes, with V12 and V13.
create table intermediate.duplicate_stretch (
    duplicate_key uuid not null,
    unit_code text not null,
    code_key text not null,
    stretch_from date not null,
    as_of_from date not null,
    as_of_to date not null,
    rule_codes text[] not null,
    first_unit_code text not null,
    first_code_key text not null
);

-- W04's measure: the median amount of each unit's valid initiatives, null below 30 of them.
create table intermediate.unit_benefit_median (
    unit_code text primary key,
    amounts integer not null,
    median_vnd numeric
);

-- Which initiatives each publication has touched: what the facts must look at again.
create table intermediate.changed_initiative (
    publication_id integer not null,
    unit_code text not null,
    code_key text not null,
    primary key (publication_id, unit_code, code_key)
);

create index initiative_by_delivery on landing.initiative (unit_code, delivery_no);
create index quota_by_delivery on landing.quota (unit_code, delivery_no);
create index rejected_row_by_delivery on landing.rejected_row (unit_code, delivery_no);
create index rejected_row_by_code on landing.rejected_row (unit_code, code_key);
create index initiative_by_code on staging.initiative (unit_code, code_key);
create index initiative_by_delivery on staging.initiative (unit_code, delivery_no);
create index quota_by_delivery on staging.quota (unit_code, delivery_no);
create unique index one_stretch_at_a_time on intermediate.initiative_stretch (unit_code, code_key, as_of_from);
create index initiative_stretch_by_duplicate on intermediate.initiative_stretch (duplicate_key)
where duplicate_key is not null;
create index current_amounts on intermediate.initiative_stretch (unit_code, benefit_vnd)
where as_of_to = date '9999-12-31' and benefit_vnd is not null;
create index duplicate_stretch_by_key on intermediate.duplicate_stretch (duplicate_key);
create index duplicate_stretch_by_initiative on intermediate.duplicate_stretch (unit_code, code_key, stretch_from);
