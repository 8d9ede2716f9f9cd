{{ config(materialized='standing_view', meta={'detail': true}) }}

with initiative as (

    select
        *,
        {{ benefit_class('benefit_state', 'coalesce(benefit_vnd, benefit_amount) < 0') }} as benefit_class,
        coalesce(solution_type_code, 'unknown') as donor_type_code
    from {{ ref('fct_initiative') }}
    where verdict = 'valid'

),

unit as (

    select * from {{ ref('dim_unit') }}
    where is_current

),

donor as (

    select * from {{ ref('fct_benefit_donor') }}

),

obtained as (

    select
        initiative.unit_code,
        initiative.initiative_code,
        case when initiative.benefit_class = 'amount' then initiative.benefit_vnd end as reported_vnd,
        case when initiative.benefit_class = 'amount' then 'delivered' else initiative.benefit_class end as reported,
        initiative.benefit_class = 'amount' and initiative.rule_codes @> array['W04'] as is_held_out,
        donor.donor_level,
        donor.donor_median_vnd,
        donor.donor_low_vnd,
        donor.donor_high_vnd
    from initiative
    inner join unit on initiative.unit_code = unit.unit_code
    left join donor
        on
            initiative.benefit_class = 'missing'
            and unit.unit_kind = donor.unit_kind
            and initiative.member_group_code = donor.member_group_code
            and initiative.donor_type_code = donor.solution_type_code

),

plausible as (

    select
        *,
        case when not is_held_out then reported_vnd end as plausible_vnd,
        case when is_held_out then 'held_out' else reported end as plausible
    from obtained

),

fct_benefit_estimate as (

    select
        plausible.unit_code,
        plausible.initiative_code,
        estimate.method,
        estimate.amount_vnd,
        estimate.low_vnd,
        estimate.high_vnd,
        estimate.obtained
    from plausible
    cross join lateral (
        values
        ('reported', reported_vnd, reported_vnd, reported_vnd, reported),
        ('plausible', plausible_vnd, plausible_vnd, plausible_vnd, plausible),
        (
            'completed',
            coalesce(plausible_vnd, donor_median_vnd),
            coalesce(plausible_vnd, donor_low_vnd),
            coalesce(plausible_vnd, donor_high_vnd),
            coalesce('imputed_from_' || donor_level, plausible)
        )
    ) as estimate (method, amount_vnd, low_vnd, high_vnd, obtained)

)

select * from fct_benefit_estimate
