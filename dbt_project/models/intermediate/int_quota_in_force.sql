with entry as (

    select * from {{ ref('int_quota_entry') }}

),

delivered as (

    select
        *,
        greatest(effective_on, export_date) as known_from
    from entry
    where
        evidence = 'delivered'
        and quota_type = 'assigned'
        and phase_code is not null
        and quota is not null

),

published as (

    select * from entry
    where evidence <> 'delivered' and quota_type = 'assigned'

),

turn as (

    select distinct
        unit_code,
        union_key,
        phase_code,
        known_from
    from delivered

),

-- On each day on which a quota becomes known or effective: the one that holds from then on. Between exports of one day
-- the order of versions decides (CONTRACT §1).
winner as (

    select distinct on (turn.unit_code, turn.union_key, turn.phase_code, turn.known_from)
        turn.*,
        delivered.quota
    from turn
    inner join delivered
        on
            turn.unit_code = delivered.unit_code
            and turn.union_key = delivered.union_key
            and turn.phase_code = delivered.phase_code
            and turn.known_from >= delivered.known_from
    order by
        turn.unit_code asc,
        turn.union_key asc,
        turn.phase_code asc,
        turn.known_from asc,
        delivered.effective_on desc,
        delivered.export_date desc,
        delivered.is_full asc,
        delivered.part_no desc,
        delivered.file_name collate "C" desc,
        delivered.line_number desc

),

delivered_period as (

    select
        *,
        coalesce(
            lead(known_from) over (
                partition by unit_code, union_key, phase_code
                order by known_from
            ),
            {{ open_end() }}
        ) as in_force_to
    from winner

),

first_delivered as (

    select
        unit_code,
        phase_code,
        min(known_from) as known_from
    from delivered
    where union_key = unit_code
    group by unit_code, phase_code

),

int_quota_in_force as (

    select
        unit_code,
        union_key,
        phase_code,
        known_from as in_force_from,
        in_force_to,
        quota,
        'delivered' as evidence
    from delivered_period
    union all
    -- A published quota holds until a delivered one does.
    select
        published.unit_code,
        published.union_key,
        published.phase_code,
        date '{{ var("first_day") }}',
        coalesce(first_delivered.known_from, {{ open_end() }}),
        published.quota,
        published.evidence
    from published
    left join first_delivered
        on
            published.unit_code = first_delivered.unit_code
            and published.phase_code = first_delivered.phase_code

)

select * from int_quota_in_force
