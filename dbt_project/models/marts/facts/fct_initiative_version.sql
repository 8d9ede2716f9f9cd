{{ config(
    meta={
        'key': ['unit_code', 'code_key', 'as_of_from'],
        'detail': true,
        'scope': ['unit_code', 'code_key'],
        'changed': 'int_changed_initiative',
        'indexes': [{'columns': ['initiative_code'], 'type': 'hash'}, {'columns': ['unit_code', 'union_key']}],
        'shown': {'rule_set': '(select ops.shown_rule_set())'},
        'plan_without': {'scoped': ['seqscan', 'hashjoin', 'mergejoin'], 'whole': ['nestloop']},
    },
) }}

-- depends_on: {{ ref('int_changed_initiative') }}
with verdict_stretch as (

    select * from {{ ref('int_verdict_stretch') }}

),

initiative as (

    select * from {{ ref('stg_intake__initiative') }}

),

delivery as (

    select * from {{ ref('stg_ops__delivery') }}

),

unit_name as (

    select * from {{ ref('int_unit_name') }}

),

union_correction as (

    select * from {{ ref('int_union_correction') }}

),

unit_benefit_median as (

    select * from {{ ref('stg_judge__unit_benefit_median') }}

),

{% if is_scoped() -%}
changed_initiative as (

    select * from {{ ref('int_changed_initiative') }}

),
{%- endif %}

judged as (

    select
        verdict_stretch.unit_code,
        verdict_stretch.code_key,
        initiative.initiative_code,
        verdict_stretch.as_of_from,
        verdict_stretch.as_of_to,
        verdict_stretch.verdict,
        case
            when
                verdict_stretch.as_of_to = {{ open_end() }}
                and initiative.benefit_vnd > {{ implausible_above('unit_benefit_median.median_vnd') }}
                then verdict_stretch.rule_codes || 'W04'::text
            else verdict_stretch.rule_codes
        end as rule_codes,
        initiative.member_group_code,
        initiative.solution_type_code,
        initiative.content_category_code,
        initiative.submitted_on,
        initiative.applied_on,
        initiative.recognised_on,
        initiative.benefit_state,
        initiative.benefit_amount,
        initiative.benefit_currency,
        initiative.benefit_per_year,
        initiative.benefit_vnd,
        initiative.upper_union_name,
        initiative.grassroots_union_name,
        {{ resolved_union_key(
            'verdict_stretch.unit_code', 'initiative.upper_union_key', 'initiative.grassroots_union_key'
        ) }} as union_key,
        union_correction.unit_code is not null as union_corrected,
        initiative.author_key,
        initiative.field_name,
        verdict_stretch.left_out,
        delivery.file_name,
        delivery.export_date,
        verdict_stretch.line_number
    from verdict_stretch
    {% if is_scoped() -%}
        inner join changed_initiative
            on
                verdict_stretch.unit_code = changed_initiative.unit_code
                and verdict_stretch.code_key = changed_initiative.code_key
    {%- endif %}
    inner join initiative
        on
            verdict_stretch.unit_code = initiative.unit_code
            and verdict_stretch.delivery_no = initiative.delivery_no
            and verdict_stretch.line_number = initiative.line_number
            {# The index by code finds the few rows of a night; a scan of all does without. #}
            {{- 'and verdict_stretch.code_key = initiative.code_key' if is_scoped() }}
    inner join delivery
        on
            verdict_stretch.unit_code = delivery.unit_code
            and verdict_stretch.delivery_no = delivery.delivery_no
    left join unit_benefit_median
        on verdict_stretch.unit_code = unit_benefit_median.unit_code
    {{ join_union_names(
        'verdict_stretch.unit_code', 'initiative.upper_union_key', 'initiative.grassroots_union_key', 'delivery.export_date'
    ) }}

),

fct_initiative_version as (

    select
        unit_code,
        code_key,
        initiative_code,
        as_of_from,
        as_of_to,
        verdict,
        {{ sorted_codes('rule_codes') }} as rule_codes,
        member_group_code,
        solution_type_code,
        content_category_code,
        submitted_on,
        applied_on,
        recognised_on,
        benefit_state,
        benefit_amount,
        benefit_currency,
        benefit_per_year,
        benefit_vnd,
        upper_union_name,
        grassroots_union_name,
        union_key,
        union_corrected,
        {{ author_key('union_key', 'author_key') }} as author_key,
        field_name,
        left_out,
        file_name,
        export_date,
        line_number,
        (select ops.shown_rule_set()) as rule_set
    from judged

)

select * from fct_initiative_version
