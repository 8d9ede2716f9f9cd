create table fct_initiative_version as
select
    s.unit_code,
    s.code_key,
    i.initiative_code,
    coalesce(p.as_of_from, s.as_of_from) as as_of_from,
    coalesce(p.as_of_to, s.as_of_to) as as_of_to,
    case
        when s.verdict in ('valid', 'under_review') and p.rule_codes && array['V12', 'V13'] then 'invalid' else s.verdict
    end as verdict,
    case
        when
            coalesce(p.as_of_to, s.as_of_to) = '9999-12-31'
            and i.benefit_vnd > least(100000000000, 1000 * m.median_vnd)
            then s.rule_codes || coalesce(p.rule_codes, '{}') || array['W04']
        else s.rule_codes || coalesce(p.rule_codes, '{}')
    end as rule_codes,
    i.member_group_code,
    i.solution_type_code,
    i.content_category_code,
    i.submitted_on,
    i.applied_on,
    i.recognised_on,
    case
        when i.benefit_vnd is not null then 'amount'
        when not i.benefit_computable then 'not_computable'
        when i.benefit_amount is not null then 'other_currency'
        when i.benefit_unreadable then 'unreadable'
        else 'missing'
    end as benefit_state,
    trim_scale(i.benefit_amount) as benefit_amount,
    i.benefit_currency,
    i.benefit_per_year,
    trim_scale(i.benefit_vnd) as benefit_vnd,
    i.upper_union_name,
    i.grassroots_union_name,
    u.union_key,
    false as union_corrected,
    md5(u.union_key || '/' || i.author_key)::uuid as author_key,
    i.field_name,
    s.left_out,
    d.file_name,
    d.export_date,
    s.line_number,
    i.rule_set
from intermediate.initiative_stretch as s
left join intermediate.duplicate_stretch as p
    on s.unit_code = p.unit_code and s.code_key = p.code_key and s.as_of_from = p.stretch_from
inner join staging.initiative as i
    on s.unit_code = i.unit_code and s.delivery_no = i.delivery_no and s.line_number = i.line_number
inner join ops.delivery as d on s.unit_code = d.unit_code and s.delivery_no = d.delivery_no
inner join warehouse.int_unit_name as n on s.unit_code = n.unit_code
left join intermediate.unit_benefit_median as m on s.unit_code = m.unit_code
cross join lateral (
    select concat_ws(
        '/',
        s.unit_code,
        nullif(nullif(i.upper_union_key, ''), n.name_key),
        nullif(nullif(i.grassroots_union_key, ''), n.name_key)
    ) as union_key
) as u;
