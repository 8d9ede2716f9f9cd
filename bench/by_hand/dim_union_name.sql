create table dim_union_name as
select
    unit_code,
    union_key,
    coalesce(upper_union_name, '') as upper_union_name,
    coalesce(grassroots_union_name, '') as grassroots_union_name,
    union_corrected as is_corrected,
    count(*)::integer as versions
from fct_initiative_version
where upper_union_name <> '' or grassroots_union_name <> ''
group by 1, 2, 3, 4, 5;
