{#- Rule codes in one order, each once. Most rows have none or one: those are left alone. -#}
{% macro sorted_codes(codes) -%}
    case
        when cardinality({{ codes }}) < 2 then {{ codes }}
        else array(
            select fired.code
            from (select distinct unnest({{ codes }}) as code) as fired
            order by fired.code collate "C"
        )
    end
{%- endmacro %}


{#- W04: the amount above which a benefit is implausible, given the median of the unit's (CONTRACT §4); a null median,
    from too few amounts, leaves the fixed limit. -#}
{% macro implausible_above(median_vnd) -%}
    least({{ rule_parameter('benefit_limit_vnd') }}, {{ rule_parameter('benefit_times_median') }} * {{ median_vnd }})
{%- endmacro %}


{#- What the benefit estimates take an initiative for (CONTRACT §5): amount, negative, not_computable, missing or
    other_currency. Only the `missing` ones are imputed. -#}
{% macro benefit_class(benefit_state, is_negative) -%}
    case
        when {{ benefit_state }} in ('amount', 'other_currency') and {{ is_negative }} then 'negative'
        when {{ benefit_state }} = 'unreadable' then 'missing'
        else {{ benefit_state }}
    end
{%- endmacro %}


{#- The key under which texts are equal (CONTRACT §2), for the few texts that SQL compares. -#}
{% macro match_key(text) -%}
    trim(regexp_replace(
        lower(translate(regexp_replace(normalize({{ text }}, nfkd), '[\u0300-\u036f]', '', 'g'), 'đĐðÐ', 'dddd')),
        '[^a-z0-9]+', ' ', 'g'
    ))
{%- endmacro %}
