{{ config(materialized='view') }}

with version_change as (

    select * from {{ ref('int_version_change') }}

),

int_benefit_change as (

    select
        unit_code,
        coalesce(member_group_code, 'unknown') as member_group_code,
        coalesce(solution_type_code, 'unknown') as solution_type_code,
        coalesce(content_category_code, 'unknown') as content_category_code,
        {{ benefit_class('benefit_state', 'coalesce(benefit_vnd, benefit_amount) < 0') }} as benefit_class,
        benefit_vnd is not null as is_in_vnd,
        coalesce(benefit_vnd, 0) as amount_vnd,
        step
    from version_change
    where is_current and verdict = 'valid'

)

select * from int_benefit_change
