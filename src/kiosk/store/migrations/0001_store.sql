-- The data folder of one terminal. No table holds a name, an id number or an answer: what a citizen
-- said is in `envelope` and `chunk`, sealed to the hall's key before its first write.
-- Shipped migrations are never edited; a change is a new file.

-- Who this data folder is. One row, made at the first start.
create table installation (
    id integer not null primary key check (id = 1),
    -- Random; with it `kiosk_seq` is gapless even when a terminal number moves to a new disk.
    installation_id text not null,
    -- Given at enrolment, e.g. '007'.
    terminal_no text,
    -- What the next submission gets. Neither ever steps back.
    next_kiosk_seq integer not null default 1 check (next_kiosk_seq > 0),
    next_serial integer not null default 1 check (next_serial > 0),
    -- The greatest time that a signed time answer proved, in ms since 1970; null before the first.
    clock_floor_ms integer
) strict;

-- The hall this terminal is enrolled at and what it pins of it. No row before enrolment.
create table hall (
    id integer not null primary key check (id = 1),
    hall_id text not null,
    address text not null,
    -- The hall's certificate authority (DER) and its ed25519 root key (32 bytes).
    ca blob not null,
    root_key blob not null check (length(root_key) = 32),
    -- Changes only with the whole answer of a reconciliation.
    hall_epoch text not null,
    -- The newest `safe_through` of this epoch.
    safe_through integer not null default 0,
    -- The signed key list: exact bytes and signature.
    list_seq integer not null,
    key_list blob not null,
    key_list_signature blob not null,
    -- Sizes and rates stated at enrolment, JSON.
    limits text not null
) strict;

-- The terminal's own keys. A pending key is here before any certificate is asked for.
create table terminal_key (
    key_no integer not null primary key,
    state text not null check (state in ('pending', 'current', 'previous')),
    private_key blob not null,
    -- The signing request, kept while pending: the hall answers the same request with the same certificate.
    csr blob,
    -- DER; null while pending.
    certificate blob,
    check ((state = 'pending') = (certificate is null)),
    check ((state = 'pending') = (csr is not null))
) strict;
create unique index one_key_per_state on terminal_key (state) where state <> 'previous';

-- A submission from its COMMIT until its tombstone may go. After the release only this row and its
-- receipts are left: ids and hashes. Keyed by kiosk_seq, so that a submission touches few pages.
create table submission (
    kiosk_seq integer not null primary key,
    submission_id text not null unique,
    -- 提交编号, as on the slip.
    number text not null,
    body_sha256 blob not null check (length(body_sha256) = 32),
    -- stored: not yet receipted. receipted: the hall has it, we keep it until `safe_through`.
    -- released: a tombstone. quarantined: permanently refused, waits for a person.
    -- lost: a tombstone that no copy of a restored hall holds any more; an alarm.
    state text not null check (state in ('stored', 'receipted', 'released', 'quarantined', 'lost')),
    attempts integer not null default 0,
    -- Terminal time in ms since 1970; 0 is at once.
    next_attempt_ms integer not null default 0,
    -- A stable code of protocol v1 or of the link, never free text.
    last_error text,
    -- `heartbeat_day.ordinal` at the release.
    released_ordinal integer,
    check ((state in ('released', 'lost')) = (released_ordinal is not null))
) strict;

-- The sealed submission's head: goes at the release.
create table envelope (
    kiosk_seq integer not null primary key references submission (kiosk_seq),
    item_id text not null,
    -- The hall's sealing key.
    key_id text not null,
    submitted_at_ms integer not null,
    header blob not null,
    signature blob not null
) strict;

-- The sealed bytes, attachments too, 1 MiB each at most: in the database, so that one COMMIT covers all.
-- Not `without rowid`: finding a place in that tree reads the neighbours' bytes, too.
create table chunk (
    kiosk_seq integer not null references envelope (kiosk_seq) on delete cascade,
    part integer not null,
    chunk integer not null,
    sha256 blob not null check (length(sha256) = 32),
    bytes blob not null,
    primary key (kiosk_seq, part, chunk)
) strict;

-- Receipts signed by the hall, one per epoch; the newest counts.
create table receipt (
    kiosk_seq integer not null references submission (kiosk_seq) on delete cascade,
    hall_epoch text not null,
    server_seq integer not null,
    -- Exact bytes and signature.
    body blob not null,
    signature blob not null,
    -- Order of arrival here.
    stored_no integer not null,
    primary key (kiosk_seq, hall_epoch)
) strict, without rowid;

-- Distinct days with a verified heartbeat: tombstones count these and not wall time.
create table heartbeat_day (
    ordinal integer not null primary key,
    day text not null unique
) strict;

-- What a crash between COMMIT and slip leaves for the same card: number, query code and token under a
-- key from the id number. Goes with the slip, the farewell, five wrong cards or fifteen minutes.
create table recovery (
    kiosk_seq integer not null primary key references submission (kiosk_seq) on delete cascade,
    -- Shown without a name: when it was saved and the large group of the number.
    saved_at_ms integer not null,
    large_group text not null,
    salt blob not null,
    nonce blob not null,
    sealed blob not null,
    tries_left integer not null default 5,
    -- Running time that the idle page still shows it; null until a restart found the row.
    left_ms integer
) strict;

-- Print ledger: a slip is asked for before the printer moves.
create table slip (
    slip_no integer not null primary key,
    -- Null for slips without a submission (material lists).
    kiosk_seq integer,
    asked_at_ms integer not null,
    -- asked: no answer yet; after a restart this reads as not_certain.
    state text not null check (state in ('asked', 'printed', 'not_printed', 'not_certain'))
) strict;

-- Content as published, exact bytes; one is active.
create table content (
    content_seq integer not null primary key,
    catalogue blob not null,
    signature blob not null,
    active integer not null check (active in (0, 1))
) strict;
create unique index one_active_content on content (active) where active = 1;

-- Hash chain: an entry is written in the transaction of what it tells. No personal data.
create table audit (
    seq integer not null primary key,
    at_ms integer not null,
    boot_id text not null,
    mono_ms integer not null,
    event text not null,
    -- JSON of typed fields.
    fields text not null,
    prev blob not null check (length(prev) = 32),
    hash blob not null check (length(hash) = 32)
) strict;
