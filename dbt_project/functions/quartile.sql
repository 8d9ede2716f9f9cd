-- Steps up from the least amount: (n - 1) * quarter / 4. Between two amounts in proportion, as percentile_cont does in
-- floating point.
select
    sorted_amounts[1 + (cardinality(sorted_amounts) - 1) * quarter / 4]
    + 0.25 * ((cardinality(sorted_amounts) - 1) * quarter % 4) * coalesce(
        sorted_amounts[2 + (cardinality(sorted_amounts) - 1) * quarter / 4]
        - sorted_amounts[1 + (cardinality(sorted_amounts) - 1) * quarter / 4],
        0
    )
