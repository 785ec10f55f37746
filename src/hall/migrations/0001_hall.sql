-- The hall's database. Times are milliseconds since 1970 (UTC), hashes are 32 bytes.
-- Nothing here names a person: bodies stay sealed in files, of an id number and a query code only keyed hashes stand here.

-- The hall itself: one row. hall_epoch is drawn at first start and at each restore.
create table hall (
    id integer primary key check (id = 1),
    hall_id text not null,
    hall_epoch text not null,
    next_server_seq integer not null,
    next_case_serial integer not null,
    list_seq integer not null,
    -- Greatest server_seq of this epoch that a verified copy on a second medium holds.
    safe_through integer not null
) strict;

-- A terminal number is a place; it is never given to another one.
create table terminal (
    terminal_no text primary key,
    place text not null,
    created_ms integer not null
) strict;

-- A data folder of a terminal.
create table installation (
    installation_id text primary key,
    terminal_no text not null references terminal,
    enrolled_ms integer not null,
    last_seen_ms integer,
    -- The last heartbeat, JSON.
    state text,
    -- The epoch in which it last reconciled.
    reconciled_epoch text
) strict;

-- What a heartbeat said of the terminal's monotonic clock, to correct times later.
create table boot_clock (
    installation_id text not null,
    boot_id text not null,
    mono_ms integer not null,
    hall_ms integer not null,
    primary key (installation_id, boot_id)
) strict, without rowid;

-- A one-time code. The code itself is not kept, only the key derived from it; both go when it is used or expires.
create table enrolment_code (
    code_id integer primary key,
    terminal_no text not null references terminal,
    mac_key blob,
    created_ms integer not null,
    expires_ms integer not null,
    tries_left integer not null,
    -- The CSR that used it and what was answered: the same CSR gets the same answer until the code expires.
    csr_sha256 blob,
    answer blob,
    used_ms integer
) strict;
create index enrolment_code_by_terminal on enrolment_code (terminal_no, expires_ms);

-- Allow-list and deny-list in one, by the hash of the public key.
create table certificate (
    spki_sha256 blob primary key,
    terminal_no text not null,
    installation_id text,
    der blob not null,
    not_after_ms integer not null,
    -- issued: not used yet; active; replaced: its successor was used; denied;
    -- unconfirmed: of our authority but unknown here, waits for an administrator.
    state text not null check (state in ('issued', 'active', 'replaced', 'denied', 'unconfirmed')),
    -- The certificate that this one renews.
    renews blob,
    issued_ms integer not null
) strict, without rowid;

-- A sealed submission: its header as it came; the chunks themselves lie in files named by hash.
create table submission (
    submission_id text primary key,
    terminal_no text not null,
    installation_id text not null,
    kiosk_seq integer not null,
    number text not null,
    body_sha256 blob not null,
    header blob not null,
    signature blob not null,
    key_id text not null,
    begun_ms integer not null,
    -- received_at of an older receipt of this hall that came along (after a restore).
    proved_ms integer,
    -- What the first receipt said; null until it is complete.
    received_ms integer
) strict;
create index submission_by_seq on submission (installation_id, kiosk_seq);
create index submission_by_number on submission (number);

create table chunk (
    submission_id text not null references submission,
    part integer not null,
    n integer not null,
    sha256 blob not null,
    present integer not null check (present in (0, 1)),
    primary key (submission_id, part, n)
) strict, without rowid;
create index chunk_by_hash on chunk (sha256);

-- Signed receipts; a submission has one for each epoch in which it was asked for.
create table receipt (
    submission_id text not null references submission,
    hall_epoch text not null,
    server_seq integer not null,
    body blob not null,
    sig blob not null,
    primary key (submission_id, hall_epoch)
) strict, without rowid;
create unique index receipt_by_seq on receipt (hall_epoch, server_seq);

-- What a clerk works on. Made in the transaction that makes the first receipt.
create table case_file (
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
    state text not null check (state in ('received', 'needs_clerk', 'accepted')),
    -- Why a clerk must look, and what is marked: JSON list of codes.
    reasons text not null,
    submitted_ms integer not null,
    clock_quality text not null,
    -- Where the five days begin, and by which time: submitted, corrected or received.
    clock_start_ms integer not null,
    clock_start_by text not null check (clock_start_by in ('submitted', 'corrected', 'received')),
    received_ms integer not null,
    accepted_ms integer,
    case_no text unique,
    -- Keyed hashes; the keys are not in this database.
    id_hmac blob,
    query_salt blob,
    query_hash blob,
    token_sha256 blob,
    -- Another case of the same person and item on the same day; only a mark, nothing is merged.
    duplicate_of integer references case_file
) strict;
create index case_by_state on case_file (state, received_ms);
create index case_by_dept on case_file (dept_id, received_ms);
create index case_by_person on case_file (id_hmac, item_id);

-- What an administrator must see. One open row per kind and subject.
create table alarm (
    alarm_id integer primary key,
    kind text not null,
    subject text not null,
    detail text not null,
    raised_ms integer not null,
    last_ms integer not null,
    times integer not null,
    closed_ms integer,
    closed_by text
) strict;
create unique index alarm_open on alarm (kind, subject) where closed_ms is null;

-- Hash-chained: hash = SHA-256(prev, the row's other fields).
create table audit (
    seq integer primary key,
    at_ms integer not null,
    actor text not null,
    event text not null,
    -- JSON, never a citizen's data.
    fields text not null,
    prev blob not null,
    hash blob not null
) strict;

create table staff_call (
    call_id text primary key,
    terminal_no text not null,
    step text not null,
    opened_ms integer not null,
    answered_ms integer,
    answered_by text,
    minutes integer,
    closed_ms integer
) strict;
create index staff_call_by_time on staff_call (opened_ms);

create table account (
    login text primary key,
    name text not null,
    role text not null check (role in ('administrator', 'clerk', 'guide', 'manager', 'auditor', 'technician')),
    dept_id text,
    password_hash text not null,
    failed integer not null,
    locked_until_ms integer not null
) strict;

create table console_session (
    token_sha256 blob primary key,
    login text not null references account on delete cascade,
    csrf text not null,
    last_seen_ms integer not null,
    expires_ms integer not null
) strict, without rowid;

-- Public halves of the hall's keys, as the signed list tells them; private halves lie in the key file and in escrow.
create table hall_key (
    key_id text primary key,
    use text not null check (use in ('sealing', 'receipt', 'watermark', 'time', 'content')),
    public blob not null,
    created_ms integer not null,
    not_after_ms integer not null,
    position integer not null
) strict;

-- Published content; old versions stay for the submissions that were filled with them.
create table content (
    content_seq integer primary key,
    content_version text not null,
    sha256 blob not null,
    body blob not null,
    published_ms integer not null
) strict;

-- Copies on the second medium.
create table backup_generation (
    generation_id integer primary key,
    file_name text not null,
    hall_epoch text not null,
    through_seq integer not null,
    made_ms integer not null,
    verified_ms integer,
    failure text
) strict;
