-- An event's picture is shown only as made anew of its pixels: what else the uploaded file held, such as the
-- place it was taken at, stays behind. A job makes the pictures that are here, and those of older processes.
alter table event_images
    add column status text not null default 'processing' check (status in ('processing', 'ready', 'unreadable')),
    -- what previews of links show: 1200 by 630
    add column cover_file_id uuid references stored_files (id),
    add column cover_key text,
    add constraint event_images_made check ((status = 'ready') = (cover_key is not null));
create index event_images_cover on event_images (cover_file_id);
create index event_images_processing on event_images (id) where status = 'processing';

-- Whoever lets go of a file gives it to the sweeper, unless another event shows it as well.
create function event_images_release() returns trigger language plpgsql as $$
declare
    gone uuid[] := array[old.file_id, old.cover_file_id];
begin
    if tg_op = 'UPDATE' then
        gone := array_remove(array_remove(gone, new.file_id), new.cover_file_id);
    end if;
    -- Of two who let go of one file at once, the second sees that the first has.
    perform 1 from stored_files where id = any(gone) order by id for update;
    update stored_files f set kept_at = null
    where f.id = any(gone)
          and not exists (select 1 from event_images i where i.file_id = f.id or i.cover_file_id = f.id);
    return null;
end $$;
create trigger event_images_release after delete or update of file_id, cover_file_id on event_images
    for each row execute function event_images_release();
