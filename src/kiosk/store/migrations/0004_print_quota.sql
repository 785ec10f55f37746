-- Free pages of the day (rules 8.7): the random id under which the hall has an order's pages reserved. Erased as soon
-- as the hall knows what became of them; null where nobody is charged. Whose pages they are stands nowhere here.
alter table print_job add column quota_job text;
create index quota_due on print_job (job_no) where quota_job is not null and state = 'ended';
