{#- The key of a union: the unit's code, then the match_keys of the unions on the way down to it. The unit itself where
    none is named. -#}
{% macro union_key(unit_code, upper_key, grassroots_key) -%}
    concat_ws('/', {{ unit_code }}, {{ upper_key }}, {{ grassroots_key }})
{%- endmacro %}


{#- The key of the union that delivered names mean: as corrected, else as they are; a union that bears the unit's own name
    is the unit. Needs join_union_names. -#}
{% macro resolved_union_key(unit_code, upper_key, grassroots_key) -%}
    coalesce(
        union_correction.union_key,
        {{ union_key(
            unit_code,
            'nullif(' ~ upper_key ~ ', unit_name.name_key)',
            'nullif(' ~ grassroots_key ~ ', unit_name.name_key)',
        ) }}
    )
{%- endmacro %}


{#- The joins that resolved_union_key needs; the CTEs are named unit_name and union_correction. -#}
{% macro join_union_names(unit_code, upper_key, grassroots_key, export_date) -%}
    inner join unit_name
        on {{ unit_code }} = unit_name.unit_code
    left join union_correction
        on
            {{ unit_code }} = union_correction.unit_code
            and coalesce({{ upper_key }}, '') = union_correction.upper_key
            and coalesce({{ grassroots_key }}, '') = union_correction.grassroots_key
            and {{ export_date }} >= union_correction.applies_from
            and {{ export_date }} < union_correction.applies_to
{%- endmacro %}


{#- The key of an author: who bears a name in a union. It links nobody across unions to who has no key of the surrogates. -#}
{% macro author_key(union_key, name_surrogate) -%}
    md5({{ union_key }} || '/' || {{ name_surrogate }})::uuid
{%- endmacro %}


{#- The key of the union above one that is below the unit. -#}
{% macro parent_union_key(union_key) -%}
    left({{ union_key }}, -strpos(reverse({{ union_key }}), '/'))
{%- endmacro %}
