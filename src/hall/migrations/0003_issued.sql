-- What the hall gave out: certificates that can be verified, documents that wait to be picked up. Codes are not kept;
-- they follow from the row's id under a key that is not in this database, so that a repeat has the same code.

-- A member of the staff is known at a terminal by this card.
alter table account add column staff_no text;
create unique index account_by_staff_no on account (staff_no) where staff_no is not null;

-- A certificate or record printed at a terminal. The masked name opens only with the code.
create table issued_record (
    request_id text primary key,
    code_hmac blob not null unique,
    item_id text not null,
    title text not null,
    issuer text not null,
    masked_name blob not null,
    issued_ms integer not null,
    -- Last day, as 2026-12-31.
    valid_through text not null,
    terminal_no text not null,
    -- Who looked at the person.
    second_factor text not null,
    id_hmac blob not null
) strict;

-- A document issued on a case, sealed like a body: X25519 key that it is sealed to, encapsulated key, file by hash.
create table issued_document (
    document_id text primary key,
    case_id integer not null references case_file,
    title text not null,
    media text not null,
    bytes integer not null,
    -- Of the plain bytes.
    sha256 blob not null,
    key_id text not null,
    enc blob not null,
    sealed_sha256 blob not null,
    code_hmac blob not null unique,
    issued_ms integer not null,
    issued_by text not null,
    fetched_ms integer
) strict;
create index issued_document_by_case on issued_document (case_id, issued_ms);
