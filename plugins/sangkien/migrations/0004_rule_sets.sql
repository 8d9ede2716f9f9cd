-- Rule sets: a publication is judged under one, and publishing another takes a person's word
-- (docs/decisions/0006-rule-sets.md).
create table ops.rule_set (
    rule_set text primary key,
    -- The whole of it: nights go on under it whatever catalogue is installed. Not jsonb: the rules have an order.
    definition json not null,
    kept_at timestamptz not null default clock_timestamp()
);

alter table ops.rule
add advice_en text not null default '',
add holds_from date,
add acts text,
add source text;

alter table ops.publication add refused_because text;

alter table ops.gate_result add run_id text;

alter table ops.run drop constraint run_outcome_check;
alter table ops.run add constraint run_outcome_check
check (outcome in ('published', 'nothing_new', 'refused', 'failed', 'replayed', 'waiting'));

create function ops.shown_rule_set() returns text
language sql stable parallel safe
return (
    select rule_set from ops.publication
    where publication_id = ops.shown_publication()
);
comment on function ops.shown_rule_set() is
'The rule set under which every verdict was judged that this session''s marts show.';

comment on column staging.initiative.rule_set is
'The rule set under which rule_codes were last written; under which they stand, ops.publication says.';

-- The rule set was a column of each version; now the view says it, so that a rejudgement writes only what it changes.
do $$
declare
    view_sql text;
begin
    if to_regclass('marts.fct_initiative_version') is not null then
        view_sql := pg_get_viewdef('marts.fct_initiative_version'::regclass);
        execute 'create or replace view marts.fct_initiative_version as '
            || regexp_replace(view_sql, '\mrule_set\M', '(select ops.shown_rule_set()) as rule_set');
        drop view if exists warehouse.int_version_change cascade; -- only a build reads it, and makes it again
        alter table warehouse.fct_initiative_version drop column rule_set;
    end if;
end
$$;
