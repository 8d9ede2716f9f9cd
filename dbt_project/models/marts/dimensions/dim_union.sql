{{ config(
    meta={'key': ['union_key', 'valid_from'], 'scope': ['union_key'], 'changed': 'int_changed_union'}
) }}

-- depends_on: {{ ref('int_changed_union') }}
{% set in_scope = 'where union_key in (select union_key from ' ~ ref('int_changed_union') ~ ')' if is_scoped() -%}
with unit as (

    select
        *,
        unit_code as union_key
    from {{ ref('dim_unit') }}

),

union_name as (

    select * from {{ ref('dim_union_name') }}
    where union_key <> unit_code

),

union_correction as (

    select * from {{ ref('int_union_correction') }}

),

quota_entry as (

    select * from {{ ref('int_quota_entry') }}
    where union_key <> unit_code

),

-- Every name that a union below the unit goes by, with the weight of those who write it so.
delivered_name as (

    select
        union_name.unit_code,
        union_name.union_key,
        case
            when union_name.is_corrected then union_correction.correct_upper_union else union_name.upper_union_name
        end as upper_name,
        case
            when union_name.is_corrected then union_correction.correct_grassroots_union
            else union_name.grassroots_union_name
        end as grassroots_name,
        true as tells_level,
        union_name.versions
    from union_name
    left join union_correction
        on union_name.is_corrected and union_name.union_key = union_correction.union_key
    union all
    select
        unit_code,
        union_key,
        case when parent_union_key = unit_code then union_name else parent_union_name end as upper_name,
        case when parent_union_key <> unit_code then union_name end as grassroots_name,
        -- Under the unit a quota may be a grassroots union's too.
        parent_union_key <> unit_code as tells_level,
        0 as versions
    from quota_entry

),

named as (

    select
        unit_code,
        union_key,
        case
            when tells_level
                then case when coalesce(grassroots_name, '') = '' then 'upper_level' else 'grassroots' end
        end as union_level,
        coalesce(nullif(grassroots_name, ''), upper_name) as union_name,
        versions
    from delivered_name
    union all
    select
        unit_code,
        {{ parent_union_key('union_key') }} as union_key,
        'upper_level' as union_level,
        upper_name as union_name,
        versions
    from delivered_name
    where {{ parent_union_key('union_key') }} <> unit_code

),

spelling as (

    select
        unit_code,
        union_key,
        max(union_level) as union_level,
        union_name,
        sum(versions) as versions
    from named
    {{ in_scope }}
    group by unit_code, union_key, union_name

),

-- One that others call an upper-level union, or that nobody calls a grassroots union, is one; of its names the most
-- frequent.
below_unit as (

    select distinct on (unit_code, union_key)
        unit_code,
        union_key,
        coalesce(max(union_level) over (partition by unit_code, union_key), 'upper_level') as union_level,
        coalesce(union_name, regexp_replace(union_key, '^.*/', '')) as union_name
    from spelling
    order by unit_code asc, union_key asc, union_name is null asc, versions desc, union_name collate "C" asc

),

dim_union as (

    select
        union_key,
        unit_code,
        'unit' as union_level,
        unit_name as union_name,
        null as parent_union_key,
        valid_from,
        valid_to,
        is_current,
        unit_kind,
        unit_kind_vi,
        unit_kind_en,
        province_code_2004,
        cluster_code,
        cluster_evidence
    from unit
    {{ in_scope }}
    union all
    select
        union_key,
        unit_code,
        union_level,
        union_name,
        {{ parent_union_key('union_key') }} as parent_union_key,
        date '{{ var("first_day") }}' as valid_from,
        {{ open_end() }} as valid_to,
        true as is_current,
        null as unit_kind,
        null as unit_kind_vi,
        null as unit_kind_en,
        null as province_code_2004,
        null as cluster_code,
        null as cluster_evidence
    from below_unit

)

select * from dim_union
