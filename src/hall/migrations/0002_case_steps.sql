-- What becomes of a case after it was received: corrections asked, acceptance by a clerk or by law, refusal, end.
-- The table is made anew because its list of states grows.
create table case_file_with_steps (
    case_id integer primary key,
    submission_id text not null unique references submission,
    number text not null,
    terminal_no text not null,
    item_id text not null,
    item_version integer not null,
    form_id text not null,
    form_version integer not null,
    content_seq integer not null,
    -- Null where no department is known for the item: an administrator's matter.
    dept_id text,
    state text not null check (state in ('received', 'needs_clerk', 'correction', 'accepted', 'not_accepted', 'done')),
    -- Why a clerk must look, and what is marked: JSON list of codes.
    reasons text not null,
    submitted_ms integer not null,
    clock_quality text not null,
    -- Where the five days begin, and by which time: submitted, corrected or received.
    clock_start_ms integer not null,
    clock_start_by text not null check (clock_start_by in ('submitted', 'corrected', 'received')),
    received_ms integer not null,
    accepted_ms integer,
    -- 'clerk', or 'deemed': nobody asked for corrections within five working days.
    accepted_by text check (accepted_by in ('clerk', 'deemed')),
    case_no text unique,
    -- Keyed hashes; the keys are not in this database.
    id_hmac blob,
    query_salt blob,
    query_hash blob,
    token_sha256 blob,
    -- Another case of the same person and item on the same day; only a mark, nothing is merged.
    duplicate_of integer references case_file
) strict;
insert into case_file_with_steps
    select case_id, submission_id, number, terminal_no, item_id, item_version, form_id, form_version, content_seq,
        dept_id, state, reasons, submitted_ms, clock_quality, clock_start_ms, clock_start_by, received_ms, accepted_ms,
        case when accepted_ms is null then null else 'clerk' end,
        case_no, id_hmac, query_salt, query_hash, token_sha256, null
    from case_file;
create table kept_duplicate as select case_id, duplicate_of from case_file where duplicate_of is not null;
update case_file set duplicate_of = null;
drop table case_file;
alter table case_file_with_steps rename to case_file;
update case_file set duplicate_of = (select k.duplicate_of from kept_duplicate k where k.case_id = case_file.case_id);
drop table kept_duplicate;
create index case_by_state on case_file (state, received_ms);
create index case_by_dept on case_file (dept_id, received_ms);
create index case_by_person on case_file (id_hmac, item_id);
create index case_by_token on case_file (token_sha256);
-- What a citizen types: the last nine characters without hyphens.
create index case_by_last_nine on case_file (substr(replace(number, '-', ''), -9));

-- Every step with what was written to the citizen. The text names nobody: the clerk's page says so and refuses numbers.
create table case_step (
    step_id integer primary key,
    case_id integer not null references case_file,
    state text not null,
    at_ms integer not null,
    -- Login name, or `hall`.
    actor text not null,
    notice text not null
) strict;
create index case_step_by_case on case_step (case_id, step_id);

-- The greatest time at which the hall was surely right: a clock far ahead of it decides nothing by law.
alter table hall add column clock_seen_ms integer not null default 0;
