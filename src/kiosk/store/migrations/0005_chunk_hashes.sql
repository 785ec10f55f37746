-- The hashes of all chunks beside what is signed over them: a chunk is on its way to the disk while it is hashed.
-- Hex, 64 digits a chunk, in order of part and chunk.
alter table envelope add column chunk_sha256 text not null default '';
update envelope set chunk_sha256 = coalesce((
    select group_concat(digits, '') from (
        select lower(hex(sha256)) as digits from chunk
        where chunk_no / 1048576 = envelope.kiosk_seq order by chunk_no
    )
), '');
alter table chunk drop column sha256;
