{#- The benefit of a set of cells (rows of benefit_cell) under the three methods. What is imputed goes
    into the sums as it is; only the sum is rounded, to whole đồng, half away from zero. -#}
{% macro benefit_totals() -%}
        {% for count in [
            'initiatives', 'amounts', 'missing', 'not_computable', 'negative', 'other_currency', 'held_out', 'imputed'
        ] -%}
        coalesce(sum({{ count }}), 0)::integer as {{ count }},
        {% endfor -%}
        coalesce(sum(reported_vnd), 0) as reported_vnd,
        coalesce(sum(plausible_vnd), 0) as plausible_vnd,
        round(coalesce(sum(plausible_vnd + imputed * coalesce(donor_median_vnd, 0)), 0)) as completed_vnd,
        round(coalesce(sum(plausible_vnd + imputed * coalesce(donor_low_vnd, 0)), 0)) as completed_low_vnd,
        round(coalesce(sum(plausible_vnd + imputed * coalesce(donor_high_vnd, 0)), 0)) as completed_high_vnd
{%- endmacro %}
