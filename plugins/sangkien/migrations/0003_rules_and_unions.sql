-- ops: the catalogue of each rule set that the judge has used; expectations/rules.yml is where a rule is defined.
create table ops.rule (
    rule_set text not null,
    rule_code text not null,
    rule_name text not null,
    dataset text not null,
    judged text not null,
    verdict text,
    column_names text[] not null,
    message_vi text not null,
    advice_vi text not null,
    message_en text not null,
    primary key (rule_set, rule_code)
);

-- staging: the unions and the field as delivered (cleaned), and the keys under which equal names are equal.
alter table staging.initiative
add upper_union_name text,
add upper_union_key text,
add grassroots_union_name text,
add grassroots_union_key text,
add field_name text;

alter table staging.quota add parent_union_name text;
