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
    message_en
from {{ source('ops', 'rule') }}
