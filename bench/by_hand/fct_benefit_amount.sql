create table fct_benefit_amount as
select
    unit_code,
    coalesce(member_group_code, 'unknown') as member_group_code,
    coalesce(solution_type_code, 'unknown') as solution_type_code,
    coalesce(content_category_code, 'unknown') as content_category_code,
    case
        when benefit_state in ('amount', 'other_currency') and coalesce(benefit_vnd, benefit_amount) < 0 then 'negative'
        when benefit_state = 'unreadable' then 'missing'
        else benefit_state
    end as benefit_class,
    benefit_vnd is not null as is_in_vnd,
    coalesce(benefit_vnd, 0) as amount_vnd,
    count(*)::integer as initiatives
from fct_initiative_version
where as_of_to = '9999-12-31' and verdict = 'valid'
group by 1, 2, 3, 4, 5, 6, 7;
