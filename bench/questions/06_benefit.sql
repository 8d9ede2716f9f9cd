select
    scope_code,
    method,
    amount_vnd,
    low_vnd,
    high_vnd,
    amounts,
    missing,
    held_out
from marts.fct_benefit_total
where scope in ('programme', 'member_group')
order by scope, scope_code, method
