-- The first chunks of a large submission: the transaction stays open for what is signed over them.
begin immediate;

insert into chunk (chunk_no, part, chunk, bytes)
select ?, ?, ?, ? where ?
union all select ?, ?, ?, ? where ?
union all select ?, ?, ?, ? where ?
union all select ?, ?, ?, ? where ?;
