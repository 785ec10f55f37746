-- Changes when the review page opens: an emptied log begins with it, which takes an fsync of its own, so that the
-- submission does not wait for that. SQLite writes nothing where a row is updated to what it was.
alter table installation add column readied integer not null default 0;
