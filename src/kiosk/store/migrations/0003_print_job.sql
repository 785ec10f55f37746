-- The ledger of the document printer: one row an order, counts only. What stood on the pages is nowhere.
create table print_job (
    job_no integer not null primary key,
    -- print: a citizen's own file. copy: from the glass. record: a certificate or record of the hall.
    kind text not null check (kind in ('print', 'copy', 'record')),
    -- Random; the name under which the printer knows the order, so that it is found again after a restart.
    job_name text not null unique,
    -- Pages ordered (impressions): the chosen ones times the copies. Two on a sheet where two_sided.
    ordered integer not null check (ordered > 0),
    two_sided integer not null check (two_sided in (0, 1)),
    asked_at_ms integer not null,
    -- asked: pages are made ready, nothing was sent. sending: bytes may have left. accepted: the printer gave it
    -- a number. cancelling: its end is wanted and asked for until the printer says so. ended: settled for good.
    state text not null check (state in ('asked', 'sending', 'accepted', 'cancelling', 'ended')),
    -- job-id (RFC 8011), once the printer gave one.
    printer_job_id integer,
    printed integer not null default 0,
    not_printed integer not null default 0,
    not_certain integer not null default 0,
    check (state <> 'ended' or printed + not_printed + not_certain = ordered)
) strict;
create index open_print_job on print_job (state) where state <> 'ended';
