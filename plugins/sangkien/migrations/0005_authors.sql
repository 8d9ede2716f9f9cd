-- staging: the author's name as a keyed surrogate, equal where match_key is. Rows that were loaded before this have
-- none: they have to be loaded again.
alter table staging.initiative add author_key uuid;
