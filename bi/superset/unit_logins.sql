-- A login for each unit, named by its code, for Superset alone: it knows the one password of them all, officers do not.
-- Safe to repeat: after a unit was added, or to change the password. Needs `sangkien roles` first. Run as
--     SUPERSET_UNIT_PASSWORD=... sangkien pg psql --file=bi/superset/unit_logins.sql
\set ON_ERROR_STOP on
\getenv password SUPERSET_UNIT_PASSWORD
-- psql leaves a variable that is not set as it stands, and PostgreSQL refuses that.
\o /dev/null
begin;
select format('create role %I in role %I', unit_code, 'bi_unit_' || unit_code)
from (select substr(rolname, length('bi_unit_') + 1) as unit_code from pg_roles where starts_with(rolname, 'bi_unit_'))
where not exists (select from pg_roles where rolname = unit_code) \gexec
select format('alter role %I login password %L', substr(rolname, length('bi_unit_') + 1), :'password')
from pg_roles where starts_with(rolname, 'bi_unit_') \gexec
commit;
