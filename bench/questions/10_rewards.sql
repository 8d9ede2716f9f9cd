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
where phase_code = 'phase_2' and unit_code = {unit} and rank_no <= 100
order by candidate_kind, union_level, rank_no
