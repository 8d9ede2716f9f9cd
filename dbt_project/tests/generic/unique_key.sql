{#- The columns together tell the rows apart. -#}
{% test unique_key(model, columns) -%}
    select
        {{ columns | join(',\n        ') }},
        count(*) as times
    from {{ model }}
    group by {{ columns | join(', ') }}
    having count(*) > 1
{%- endtest %}
