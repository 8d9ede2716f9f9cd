create table dim_field_name as
select
    field_name,
    trim(regexp_replace(
        lower(translate(regexp_replace(normalize(field_name, nfkd), '[\u0300-\u036f]', '', 'g'), 'đĐðÐ', 'dddd')),
        '[^a-z0-9]+', ' ', 'g'
    )) as field_key,
    count(*)::integer as versions
from fct_initiative_version
where field_name <> ''
group by 1;
