-- (n - 1) * quarter / 4 steps up from the least; between two amounts, in proportion: percentile_cont does so in floating
-- point.
select
    sorted_amounts[1 + (cardinality(sorted_amounts) - 1) * quarter / 4]
    + 0.25 * ((cardinality(sorted_amounts) - 1) * quarter % 4) * coalesce(
        sorted_amounts[2 + (cardinality(sorted_amounts) - 1) * quarter / 4]
        - sorted_amounts[1 + (cardinality(sorted_amounts) - 1) * quarter / 4],
        0
    )
