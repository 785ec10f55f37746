-- A chunk's place in one number: its key is the table's own, so that a submission writes one tree less.
create table keyed_chunk (
    -- kiosk_seq * 1048576 + the chunk's count over all parts, from 0.
    chunk_no integer not null primary key,
    part integer not null,
    chunk integer not null,
    sha256 blob not null check (length(sha256) = 32),
    bytes blob not null
) strict;
insert into keyed_chunk (chunk_no, part, chunk, sha256, bytes)
select kiosk_seq * 1048576 + row_number() over (partition by kiosk_seq order by part, chunk) - 1,
    part, chunk, sha256, bytes
from chunk;
drop table chunk;
alter table keyed_chunk rename to chunk;
