-- What each role may do in this database: the matrix of docs/roles.md. May be run again at any time.

grant usage on schema ops, marts to
sangkien_loader, sangkien_transformer, sangkien_publisher, sangkien_privacy_officer, bi_reader, bi_unit;

-- Readers: the marts, and of ops what the views ask: which publication is shown, and its rule set.
grant select on all tables in schema marts to
sangkien_transformer, sangkien_publisher, sangkien_privacy_officer, bi_reader, bi_unit;
alter default privileges in schema marts grant select on tables to
sangkien_transformer, sangkien_publisher, sangkien_privacy_officer, bi_reader, bi_unit;
grant select on ops.current_publication to bi_reader, bi_unit;
grant select (publication_id, state, rule_set, pruned_at) on ops.publication to bi_reader, bi_unit;

-- Whoever works leaves a trace.
grant select on all tables in schema ops to
sangkien_loader, sangkien_transformer, sangkien_publisher, sangkien_privacy_officer;
grant insert, update on ops.run, ops.stage_outcome to
sangkien_loader, sangkien_transformer, sangkien_publisher, sangkien_privacy_officer;
-- Whoever begins a run looks whether the schema is up to date.
grant select on public.sangkien_migration to
sangkien_loader, sangkien_transformer, sangkien_publisher, sangkien_privacy_officer;

-- Loader: discover, load, receipts.
grant usage on schema landing, staging, intermediate to sangkien_loader;
grant insert, update on ops.delivery, ops.inbox_file to sangkien_loader;
grant insert on ops.pseudonym_key to sangkien_loader;
grant select, insert, delete on all tables in schema landing, staging to sangkien_loader;
grant select on all tables in schema intermediate to sangkien_loader;

-- Transformer: judge, build. Of landing it reads the codes of rejected rows, which keep an initiative from being
-- withdrawn.
grant usage on schema landing, staging, intermediate, reference to sangkien_transformer;
grant select (unit_code, delivery_no, code_key) on landing.rejected_row to sangkien_transformer;
grant select, update on all tables in schema staging to sangkien_transformer;
grant select, insert, update, delete, truncate on all tables in schema intermediate to sangkien_transformer;
grant update on ops.delivery to sangkien_transformer;
grant insert, update on ops.publication, ops.rule, ops.rule_set to sangkien_transformer;
grant usage, create on schema marts, warehouse, reference to sangkien_transformer;
grant select, insert, update, delete on all tables in schema warehouse, reference to sangkien_transformer;
alter default privileges in schema warehouse
grant select, insert, update, delete on tables to sangkien_transformer;
alter default privileges in schema reference
grant select, insert, update, delete on tables to sangkien_transformer;

-- Publisher: gate, publish.
grant usage on schema staging, intermediate, warehouse to sangkien_publisher;
grant select on all tables in schema staging, intermediate, warehouse to sangkien_publisher;
alter default privileges in schema warehouse grant select on tables to sangkien_publisher;
grant insert, update on ops.publication, ops.current_publication, ops.gate_result to sangkien_publisher;

-- Privacy officer: finds and erases persons.
grant usage on schema landing, staging, intermediate, warehouse to sangkien_privacy_officer;
grant select, update on all tables in schema landing to sangkien_privacy_officer;
grant select on all tables in schema staging, intermediate, warehouse to sangkien_privacy_officer;
alter default privileges in schema warehouse grant select on tables to sangkien_privacy_officer;

select ops.guard_by_unit(oid) from pg_class
where relrowsecurity and relkind = 'r' and relnamespace = 'warehouse'::regnamespace;
