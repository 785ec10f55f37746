-- What each data folder of a terminal said of an old sealing key: since when, without a break and knowing the newest
-- list, it holds (or has exported and not delivered) no envelope that is sealed to it.
create table key_report (
    installation_id text not null references installation,
    key_id text not null references hall_key,
    zero_since_ms integer not null,
    primary key (installation_id, key_id)
) strict, without rowid;

-- A destroyed private key: what was sealed to it opens never again.
alter table hall_key add column destroyed_ms integer;
