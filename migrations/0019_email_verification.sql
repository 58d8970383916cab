-- people: an email address is somebody's once a link that was mailed there came back. What erasure looks for has its index.

alter table end_users add column email_verified_at timestamptz;
alter table auth_tokens
    add column end_user_id uuid references end_users (id),
    add constraint auth_tokens_owner check (num_nonnulls(user_id, end_user_id) <= 1);
create index auth_tokens_end_user on auth_tokens (end_user_id, purpose) where end_user_id is not null;

-- Another address proves nothing yet, whoever writes it: a process of the version before, or an erasure. Links to the
-- one before are void.
create function end_users_email_unproven() returns trigger language plpgsql as $$
begin
    new.email_verified_at := null;
    update auth_tokens set used_at = now() where end_user_id = new.id and used_at is null;
    return new;
end $$;
create trigger end_users_email_unproven before update of email on end_users
    for each row when (new.email is distinct from old.email) execute function end_users_email_unproven();

-- Every whole value in it that is an email address or a phone number.
create function contacts_in(value jsonb) returns text[] language sql immutable parallel safe as $$
    select array(select distinct word from (
        select v #>> '{}' as word from jsonb_path_query(value, '$.**') v where jsonb_typeof(v) = 'string') w
    where length(word) between 3 and 320 and (word like '%_@_%' or word ~ '^\+?[0-9]{7,15}$'))
$$;
-- The same of a sentence.
create function contacts_said(words text) returns text[] language sql immutable parallel safe as $$
    select array(select distinct rtrim(m[1], '.') from regexp_matches(words,
        '([^\s<>()\[\]"''`“”,;:=]{1,64}@[^\s<>()\[\]"''`“”,;:=]{1,255}|\+[0-9]{7,15})', 'g') m)
$$;

-- Whom a job is about, by email and phone.
alter table job_runs add column contacts text[] not null
    generated always as (contacts_in(payload) || contacts_said(coalesce(last_error, ''))) stored;
create index job_runs_contacts on job_runs using gin (contacts) where contacts <> '{}';
create index idempotency_keys_contacts on idempotency_keys using gin (contacts_in(answer));
create index rate_counters_words on rate_counters using gin (string_to_array(translate(subject, ':|', '  '), ' '));
