-- talent: the checklist of a booking, and riders and other documents  [001 Talent]

-- What must be done until an artist can appear at an event.
create table talent_tasks (
    id uuid primary key,
    event_id uuid not null references events (id),
    talent_id uuid not null references talents (id),
    kind text not null check (kind in ('contract', 'travel', 'hotel', 'sound_check', 'other')),
    -- in words, where it is none of those
    title text,
    due_at timestamptz,
    done_at timestamptz,
    done_by uuid references admin_users (id),
    note text,
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    check ((kind = 'other') = (title is not null))
);
create unique index talent_tasks_once on talent_tasks (event_id, talent_id, kind) where kind <> 'other';
create index talent_tasks_event on talent_tasks (event_id);
create index talent_tasks_talent on talent_tasks (talent_id, event_id);
create index talent_tasks_doer on talent_tasks (done_by);
create trigger talent_tasks_touch before update on talent_tasks for each row execute function touch_updated_at();

create table talent_documents (
    id uuid primary key,
    talent_id uuid not null references talents (id),
    kind text not null check (kind in ('rider', 'technical', 'contract', 'other')),
    file_id uuid not null references stored_files (id),
    storage_key text not null,
    file_name text not null,
    -- as the bytes say, not as the sender said
    media_type text not null check (media_type in ('application/pdf', 'image/png', 'image/jpeg')),
    size_bytes bigint not null check (size_bytes > 0),
    sha256 bytea not null,
    uploaded_at timestamptz not null,
    uploaded_by uuid references admin_users (id),
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create index talent_documents_talent on talent_documents (talent_id, uploaded_at desc, id desc);
create unique index talent_documents_file on talent_documents (file_id);
create index talent_documents_uploader on talent_documents (uploaded_by);
create trigger talent_documents_touch before update on talent_documents
    for each row execute function touch_updated_at();

grant select, insert, update on talent_tasks, talent_documents to eventify_app;
grant delete on talent_tasks, talent_documents to eventify_app;
