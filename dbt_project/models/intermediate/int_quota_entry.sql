with quota as (

    select * from {{ ref('stg_intake__quota') }}

),

delivery as (

    select * from {{ ref('stg_ops__delivery') }}

),

unit_name as (

    select * from {{ ref('int_unit_name') }}

),

union_correction as (

    select * from {{ ref('int_union_correction') }}

),

published_quota as (

    select * from {{ ref('stg_reference__published_quota') }}

),

-- Under the unit there are upper-level unions; whatever has another union above it is a grassroots union.
placed as (

    select
        quota.*,
        delivery.file_name,
        delivery.is_full,
        delivery.part_no,
        coalesce(nullif(quota.parent_union_key, unit_name.name_key), quota.union_key) as upper_key,
        case when quota.parent_union_key <> unit_name.name_key then quota.union_key end as grassroots_key
    from quota
    inner join delivery
        on
            quota.unit_code = delivery.unit_code
            and quota.delivery_no = delivery.delivery_no
            and delivery.counts
    inner join unit_name on quota.unit_code = unit_name.unit_code

),

resolved as (

    select
        placed.*,
        unit_name.unit_name,
        coalesce(placed.union_key, unit_name.name_key) = unit_name.name_key as is_named_unit,
        {{ resolved_union_key('placed.unit_code', 'placed.upper_key', 'placed.grassroots_key') }} as resolved_key
    from placed
    {{ join_union_names('placed.unit_code', 'placed.upper_key', 'placed.grassroots_key', 'placed.export_date') }}

),

delivered as (

    select
        *,
        is_named_unit or resolved_key = unit_code as is_unit
    from resolved

),

int_quota_entry as (

    select
        unit_code,
        case when is_unit then unit_code else resolved_key end as union_key,
        case when is_unit then unit_name else union_name end as union_name,
        case when not is_unit then {{ parent_union_key('resolved_key') }} end as parent_union_key,
        case when not is_unit then parent_union_name end as parent_union_name,
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
        published_quota.unit_code as union_key,
        unit_name.unit_name as union_name,
        null as parent_union_key,
        null as parent_union_name,
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
    inner join unit_name on published_quota.unit_code = unit_name.unit_code

)

select * from int_quota_entry
