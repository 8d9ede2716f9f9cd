-- Of the rule set that the candidate was judged under.
select
    rule_set,
    rule_code,
    rule_name,
    dataset,
    judged,
    verdict,
    column_names,
    message_vi,
    advice_vi,
    message_en,
    advice_en,
    holds_from,
    acts,
    source
from {{ source('ops', 'rule') }}
where rule_set = (select ops.shown_rule_set())
