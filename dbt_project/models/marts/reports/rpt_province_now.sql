{{ config(materialized='standing_view') }}

with standing as (

    select * from {{ ref('int_unit_standing') }}

),

-- The provinces that the units are of: the 63.
province as (

    select * from {{ ref('dim_province') }}
    where valid_from = date '{{ var("first_day") }}'

),

retold as (

    select
        standing.as_of,
        standing.phase_code,
        coalesce(province.province_code_now, 'none') as province_code_now,
        coalesce(province.province_name_now, 'Không thuộc tỉnh, thành phố') as province_name_now,
        string_agg(province.province_name, ', ' order by province.province_code) as provinces_before,
        count(*)::integer as units,
        count(standing.quota)::integer as units_with_quota,
        sum(standing.submitted_count)::integer as submitted_count,
        sum(standing.valid_count)::integer as valid_count,
        case when count(standing.quota) = count(*) then sum(standing.quota) end as quota
    from standing
    left join province on standing.province_code_2004 = province.province_code
    group by standing.as_of, standing.phase_code, province.province_code_now, province.province_name_now

),

rpt_province_now as (

    select
        as_of,
        province_code_now,
        province_name_now,
        provinces_before,
        units,
        units_with_quota,
        phase_code,
        submitted_count,
        valid_count,
        quota,
        'valid_over_sum_of_assigned_quotas_of_' || phase_code as basis,
        {{ completion_ratio('valid_count', 'quota') }} as completion_ratio
    from retold

)

select * from rpt_province_now
