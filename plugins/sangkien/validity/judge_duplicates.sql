-- Judge, second: which of the initiatives in `affected_set` are duplicates, and when (contract §4, V12, V13).

-- Duplicates (§4): cut the stretches of each set wherever one of them begins or ends; in each piece the first filer
-- stands.
create temporary table removed_piece on commit drop as
with removed as (
    delete from intermediate.duplicate_stretch as d
    using affected_set as a
    where d.duplicate_key = a.duplicate_key
    returning d.*
)

select * from removed;
analyze removed_piece;

create temporary table candidate on commit drop as
select
    s.duplicate_key,
    s.unit_code,
    s.code_key,
    s.as_of_from,
    s.as_of_to,
    s.submitted_on
from affected_set as a
inner join intermediate.initiative_stretch as s on a.duplicate_key = s.duplicate_key;

create temporary table set_member on commit drop as
select c.*
from candidate as c
inner join (
    select duplicate_key
    from candidate
    group by duplicate_key
    having count(*) > 1
) as several on c.duplicate_key = several.duplicate_key;
analyze set_member;

insert into intermediate.duplicate_stretch (
    duplicate_key, unit_code, code_key, stretch_from, as_of_from, as_of_to, rule_codes, first_unit_code, first_code_key
)
with cut as (
    select
        duplicate_key,
        as_of_from as day
    from set_member
    union
    select
        duplicate_key,
        as_of_to
    from set_member
),

piece as (
    select
        m.*,
        c.day as piece_from,
        lead(c.day, 1, m.as_of_to) over (
            partition by m.duplicate_key, m.unit_code, m.code_key, m.as_of_from
            order by c.day
        ) as piece_to
    from set_member as m
    inner join cut as c on m.duplicate_key = c.duplicate_key and m.as_of_from <= c.day and c.day < m.as_of_to
),

ranked as (
    select
        *,
        row_number() over filing - 1 as earlier,
        row_number() over filing_in_unit - 1 as earlier_in_unit,
        first_value(unit_code) over filing as first_unit_code,
        first_value(code_key) over filing as first_code_key
    from piece
    window
        filing as (
            partition by duplicate_key, piece_from
            order by submitted_on, unit_code collate "C", code_key collate "C"
        ),
        filing_in_unit as (
            partition by duplicate_key, piece_from, unit_code
            order by submitted_on, code_key collate "C"
        )
),

judged as (
    select
        *,
        array_remove(array[
            case when earlier_in_unit > 0 then 'V12' end,
            case when earlier > earlier_in_unit then 'V13' end
        ], null) as rule_codes
    from ranked
),

-- Pieces that follow each other and say the same are one.
island as (
    select
        *,
        row_number() over (partition by unit_code, code_key, as_of_from order by piece_from)
        - row_number() over (
            partition by unit_code, code_key, as_of_from, rule_codes, first_unit_code, first_code_key
            order by piece_from
        ) as island_no
    from judged
)

select
    duplicate_key,
    unit_code,
    code_key,
    as_of_from as stretch_from,
    min(piece_from) as as_of_from,
    max(piece_to) as as_of_to,
    rule_codes,
    first_unit_code,
    first_code_key
from island
group by duplicate_key, unit_code, code_key, as_of_from, rule_codes, first_unit_code, first_code_key, island_no;
