-- A submission with the chunks that were not written before: a transaction of its own, or the end of the one that the
-- first chunks began. COMMIT ends both.
savepoint submission;

insert into submission (kiosk_seq, submission_id, number, body_sha256, state) values (?, ?, ?, ?, 'stored');

insert into envelope (kiosk_seq, item_id, key_id, submitted_at_ms, header, signature, chunk_sha256)
values (?, ?, ?, ?, ?, ?, ?);

insert into recovery (kiosk_seq, saved_at_ms, large_group, salt, nonce, sealed) select ?, ?, ?, ?, ?, ? where ?;

-- Another count than the one that was sealed ends at the check: it has to be above 0.
update installation set next_kiosk_seq = iif(next_kiosk_seq = ?, ?, 0), next_serial = ?;

insert into chunk (chunk_no, part, chunk, bytes)
select ?, ?, ?, ? where ?
union all select ?, ?, ?, ? where ?
union all select ?, ?, ?, ? where ?
union all select ?, ?, ?, ? where ?;

insert into audit (seq, at_ms, boot_id, mono_ms, event, fields, prev, hash) values (?, ?, ?, ?, ?, ?, ?, ?);

commit;
