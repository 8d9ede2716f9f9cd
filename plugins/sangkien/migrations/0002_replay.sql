-- A replay is a run too: it loads, and leaves the rest to the next night.

alter table ops.run drop constraint run_outcome_check;
alter table ops.run add constraint run_outcome_check
check (outcome in ('published', 'nothing_new', 'refused', 'failed', 'replayed'));
