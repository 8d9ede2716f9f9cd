{{ config(
    meta={
        'key': ['field_name'],
        'scope': ['field_name'],
        'changed': 'int_version_change',
        'plan_without': {'scoped': ['seqscan', 'hashjoin', 'mergejoin']},
    },
) }}

with version_change as (

    select * from {{ ref('int_version_change') }}

),

change as (

    select
        field_name,
        step
    from version_change
    where field_name <> ''

),

{{ tally_ctes(['field_name'], ['field_name'], 'version_change', measure='versions') }},

dim_field_name as (

    select
        field_name,
        {{ match_key('field_name') }} as field_key,
        versions
    from tally

)

select * from dim_field_name
