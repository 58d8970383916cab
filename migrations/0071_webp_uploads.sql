-- events: what is uploaded as a picture may be WebP as well.
alter table event_images drop constraint event_images_media_type_check;
alter table event_images add constraint event_images_media_type_check
    check (media_type in ('image/png', 'image/jpeg', 'image/webp'));
