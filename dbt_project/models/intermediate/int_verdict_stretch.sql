select
    stretch.unit_code,
    stretch.code_key,
    coalesce(piece.as_of_from, stretch.as_of_from) as as_of_from,
    coalesce(piece.as_of_to, stretch.as_of_to) as as_of_to,
    stretch.delivery_no,
    stretch.line_number,
    stretch.left_out,
    case
        when stretch.verdict in ('valid', 'under_review') and piece.rule_codes && array['V12', 'V13'] then 'invalid'
        else stretch.verdict
    end as verdict,
    stretch.rule_codes || piece.rule_codes as rule_codes
from {{ ref('stg_judge__initiative_stretch') }} as stretch
left join {{ ref('stg_judge__duplicate_stretch') }} as piece
    on
        stretch.unit_code = piece.unit_code
        and stretch.code_key = piece.code_key
        and stretch.as_of_from = piece.stretch_from
