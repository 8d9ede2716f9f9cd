select
    candidate_kind,
    union_level,
    rank_no,
    union_name,
    author_key,
    valid_count,
    plausible_vnd,
    quota
from marts.rpt_reward_candidates
where phase_code = 'phase_2' and unit_code = {unit}
order by candidate_kind, union_level, rank_no
limit 100
