-- Each heartbeat asks for the chunks that this disk lost: there are hardly ever any.
create index chunk_missing on chunk (submission_id) where present = 0;
