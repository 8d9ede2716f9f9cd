select * from marts.rpt_overview
order by as_of desc
limit 1
