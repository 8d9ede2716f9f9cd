select
    count(*) filter (where verdict <> 'withdrawn') as submitted,
    count(*) filter (where verdict = 'valid') as valid,
    count(*) filter (where verdict = 'invalid') as invalid,
    count(*) filter (where verdict = 'under_review') as under_review,
    count(*) filter (where verdict = 'withdrawn') as withdrawn,
    count(*) filter (where verdict = 'valid')::numeric / (select max(cumulative_quota) from {{ ref('phases') }}) as completion,
    (select jsonb_object_agg(method, amount_vnd) from {{ ref('benefit') }} where scope = 'programme') as benefit_vnd
from {{ ref('initiative') }}
