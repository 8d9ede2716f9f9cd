-- The marts' keys of the authors whose surrogates rekey.sql has made anew, in every publication.
-- They are those of the macro author_key (dbt_project/macros/union_key.sql).

-- Who stands in which union, under which key.
create temporary table told on commit drop as
select distinct
    v.unit_code,
    v.union_key,
    v.code_key,
    v.author_key as old_key,
    md5(v.union_key || '/' || w.new_author)::uuid as new_key
from warehouse.fct_initiative_version as v
inner join was_keyed as w
    on
        v.unit_code = w.unit_code and v.code_key = w.code_key
        and v.author_key = md5(v.union_key || '/' || w.old_author)::uuid
where w.old_author <> w.new_author;
create index on told (unit_code, union_key, old_key);
analyze told;

-- Namesakes in one union are one author to the marts. Where one stays, the key, which is the namesake's too, stays for
-- both: no published count changes.
create temporary table author_rekeyed on commit drop as
select distinct
    unit_code,
    union_key,
    old_key,
    new_key
from told
where not exists (
    select from warehouse.fct_initiative_version as v
    where
        v.unit_code = told.unit_code and v.union_key = told.union_key and v.author_key = told.old_key
        and not exists (
            select from told as t
            where
                t.unit_code = v.unit_code and t.union_key = v.union_key and t.old_key = v.author_key
                and t.code_key = v.code_key
        )
);

update warehouse.fct_initiative_version as v set author_key = r.new_key
from author_rekeyed as r
where v.unit_code = r.unit_code and v.union_key = r.union_key and v.author_key = r.old_key;

update warehouse.fct_author_phase as p set author_key = r.new_key
from author_rekeyed as r
where p.unit_code = r.unit_code and p.union_key = r.union_key and p.author_key = r.old_key;
