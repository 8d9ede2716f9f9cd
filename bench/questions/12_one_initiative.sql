select
    as_of_from,
    as_of_to,
    verdict,
    rule_codes,
    file_name,
    line_number
from marts.fct_initiative_version
where unit_code = {unit} and initiative_code = {code}
order by as_of_from
