-- Operations: kinds of runs, what each stage cost, receipts by day, and alerts (docs/decisions/0007-operations.md).
alter table ops.run
add kind text not null default 'refresh'
check (kind in ('refresh', 'rejudge', 'replay', 'intake', 'close_phase', 'housekeeping'));

update ops.run set kind = 'replay'
where outcome = 'replayed';
update ops.run set kind = 'rejudge'
where exists (
    select from ops.stage_outcome as stage
    where stage.run_id = run.run_id and stage.stage in ('difference', 'approve', 'refuse')
);

alter table ops.run drop constraint run_outcome_check;
alter table ops.run add constraint run_outcome_check
check (outcome in ('published', 'nothing_new', 'refused', 'failed', 'replayed', 'waiting', 'done'));

alter table ops.stage_outcome
add seconds numeric generated always as (round(extract(epoch from finished_at - started_at), 3)) stored,
add row_count bigint generated always as (
    case when jsonb_typeof(detail -> 'rows') = 'number' then (detail ->> 'rows')::bigint end
) stored,
add byte_count bigint generated always as ((detail ->> 'bytes')::bigint) stored;

create view ops.stage_statistics as
select
    run.kind,
    stage.run_id,
    run.as_of,
    stage.stage,
    min(stage.started_at) as started_at,
    max(stage.finished_at) as finished_at,
    round(extract(epoch from max(stage.finished_at) - min(stage.started_at)), 3) as seconds,
    sum(stage.row_count) as row_count,
    sum(stage.byte_count) as byte_count
from ops.stage_outcome as stage
inner join ops.run as run on stage.run_id = run.run_id
where stage.outcome = 'done'
group by run.kind, stage.run_id, run.as_of, stage.stage;
comment on view ops.stage_statistics is
'What each stage of each run cost, all its shards together: seconds, rows and bytes.';

-- Written before the judge had seen the delivery: it is written again afterwards.
alter table ops.delivery add receipt_is_preliminary boolean not null default false;
create index delivery_waits_for_last_receipt on ops.delivery (unit_code)
where receipt_is_preliminary;

-- What needs a person, from the morning on which it was first found until it was found no more.
create table ops.alert (
    alert_id integer generated always as identity primary key,
    cause text not null,
    kind text not null,
    said text not null,
    opened_at timestamptz not null default clock_timestamp(),
    closed_at timestamptz
);
create unique index one_open_alert_per_cause on ops.alert (cause)
where closed_at is null;

create table ops.alert_told (
    alert_id integer not null references ops.alert on delete cascade,
    channel text not null,
    told_at timestamptz not null default clock_timestamp(),
    primary key (alert_id, channel)
);
