-- The folder of the second medium when it last had a disk of its own: on the disk of the data it is not mounted.
alter table hall add column second_apart text;
