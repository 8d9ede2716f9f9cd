{{ config(meta={'key': ['unit_kind', 'member_group_code', 'solution_type_code']}) }}

with benefit_cell as (

    select * from {{ ref('int_benefit_cell') }}
    where is_now

),

fct_benefit_donor as (

    select distinct
        unit_kind,
        member_group_code,
        solution_type_code,
        donor_level,
        donors::integer as donors,
        donor_median_vnd,
        donor_low_vnd,
        donor_high_vnd
    from benefit_cell

)

select * from fct_benefit_donor
