-- staffing: certificates, contracts and other documents of the crew, and until when they are good  [001 Staffing]

create table staff_documents (
    id uuid primary key,
    staff_id uuid not null references staff_members (id),
    kind text not null check (kind in ('certificate', 'contract', 'right_to_work', 'identity', 'other')),
    -- the last day it is good
    expires_on date,
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
create index staff_documents_staff on staff_documents (staff_id, uploaded_at desc, id desc);
create unique index staff_documents_file on staff_documents (file_id);
create index staff_documents_uploader on staff_documents (uploaded_by);
create trigger staff_documents_touch before update on staff_documents
    for each row execute function touch_updated_at();

grant select, insert, update, delete on staff_documents to eventify_app;
