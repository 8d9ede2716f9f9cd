with quota as (

    select * from {{ ref('stg_intake__quota') }}

),

delivery as (

    select * from {{ ref('stg_ops__delivery') }}

),

unit as (

    select
        unit_code,
        unit_name,
        {{ match_key('unit_name') }} as unit_key
    from {{ ref('stg_reference__unit') }}

),

published_quota as (

    select * from {{ ref('stg_reference__published_quota') }}

),

delivered as (

    select
        quota.*,
        delivery.file_name,
        delivery.is_full,
        delivery.part_no,
        unit.unit_name,
        coalesce(quota.union_key, unit.unit_key) = unit.unit_key as is_unit
    from quota
    inner join delivery
        on
            quota.unit_code = delivery.unit_code
            and quota.delivery_no = delivery.delivery_no
            and delivery.counts
    inner join unit on quota.unit_code = unit.unit_code

),

int_quota_entry as (

    select
        unit_code,
        case when is_unit then unit_code else union_key end as union_key,
        case when is_unit then unit_name else union_name end as union_name,
        case when not is_unit then parent_union_key end as parent_union_key,
        phase_code,
        quota_type,
        quota,
        decision_number,
        effective_from,
        coalesce(effective_from, export_date) as effective_on,
        export_date,
        is_full,
        part_no,
        'delivered' as evidence,
        file_name,
        line_number
    from delivered
    union all
    select
        published_quota.unit_code,
        unit.unit_code as union_key,
        unit.unit_name as union_name,
        null as parent_union_key,
        published_quota.phase_code,
        published_quota.quota_type,
        published_quota.quota,
        null as decision_number,
        null as effective_from,
        null as effective_on,
        null as export_date,
        false as is_full,
        0 as part_no,
        published_quota.evidence,
        'quotas_published.csv' as file_name,
        row_number() over (
            partition by published_quota.unit_code
            order by published_quota.phase_code, published_quota.quota_type
        )::integer as line_number
    from published_quota
    inner join unit on published_quota.unit_code = unit.unit_code

)

select * from int_quota_entry
