{% macro given(value) -%}
nullif(regexp_replace(trim({{ value }}), '^(-|–|—|n/a|null|#n/a|\(trống\))$', '', 'i'), '')
{%- endmacro %}

{% macro match_key(value) -%}
trim(regexp_replace(
    translate(lower(regexp_replace(normalize({{ value }}, nfkd), '[\u0300-\u036f]', '', 'g')), 'đ', 'd'),
    '[^a-z0-9]+', ' ', 'g'
))
{%- endmacro %}

{# The session reads dates day first. #}
{% macro read_date(value) -%}
case
    when {{ value }} ~ '^\d{5}$' then date '1899-12-30' + {{ value }}::integer
    when pg_input_is_valid({{ value }}, 'date') then {{ value }}::date
end
{%- endmacro %}
