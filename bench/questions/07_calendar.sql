select
    unit_code,
    calendar_day,
    state
from marts.rpt_delivery_calendar
where unit_code = {unit} and calendar_day > {day}::date - 60
order by calendar_day
