select
    initiative_code,
    verdict,
    rule_codes,
    submitted_on,
    benefit_vnd
from marts.fct_initiative
where unit_code = {unit} and union_key = {union}
order by submitted_on desc
limit 100
