-- What people type is found however it is written, and one person has one phone.

-- Taken in the order in which writers take them, so that a process that is at work never waits crosswise.
lock table events, venues, partners, end_users, user_profiles, admin_users, roles, search_entries
    in access exclusive mode;

-- One form for what is searched and for what is looked for: lower case, without accents, compatibility forms made
-- plain. It needs no extension and depends on no setting, so that it may stand in indexes and generated columns.
-- Dakuten, Indic vowel signs and the like are letters and stay.
create function search_fold(t text) returns text language sql immutable parallel safe as $$
    select case when octet_length(t) = char_length(t) then lower(t)
    else translate(replace(replace(replace(replace(
        lower(normalize(regexp_replace(normalize(t, NFKD),
            '[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0640\u064b-\u065f\u0670\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]',
            '', 'g'), NFC)),
        'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'),
        'ıłøđðħŧŋς', 'iloddhtnσ')
    end
$$;

-- What is looked for, as a pattern: everything in it means itself.
create function search_pattern(t text) returns text language sql immutable parallel safe as $$
    select '%' || replace(replace(replace(search_fold(t), '\', '\\'), '%', '\%'), '_', '\_') || '%'
$$;

-- The same for the index of words: each of them must begin a word that is found. Nothing but signs finds nothing.
create function search_terms(t text) returns tsquery language sql immutable parallel safe as $$
    select to_tsquery('simple', string_agg('''' || word || ''':*', ' & '))
    from regexp_split_to_table(search_fold(t), '[^a-z0-9\u0080-\U0010ffff]+') as word where word <> ''
$$;

-- What the lists search in is kept in that form. Older versions of the program write it in lower case, and are
-- put right on the way.
create or replace function events_note_search() returns trigger language plpgsql as $$
begin
    new.search_text := search_fold(concat_ws(' ', new.title, new.mood, new.city, new.venue_text,
        (select v.name from venues v where v.id = new.venue_id), left(new.description, 2000)));
    return new;
end $$;

create or replace function end_users_keep_search_text() returns trigger language plpgsql as $$
begin
    new.search_text := search_fold(concat_ws(' ', (select nullif(name, '') from user_profiles where user_id = new.id),
                                             new.phone, new.email));
    return new;
end $$;

create function partners_fold_search() returns trigger language plpgsql as $$
begin
    new.search_text := search_fold(new.search_text);
    return new;
end $$;
create trigger partners_search_text before insert or update of search_text on partners
    for each row execute function partners_fold_search();

-- /search, and the palette: the same form. The old column's words are taken away with it.
alter table search_entries drop column terms;
alter table search_entries add column terms tsvector not null generated always as (
    to_tsvector('simple', search_fold(
        title || ' ' || detail || ' ' || translate(title || ' ' || detail, '@.-_/', '     ')))) stored;
create index search_entries_terms on search_entries using gin (terms);

-- A zero after the country's code is how one dials within the country; numbers with and without it were two
-- accounts. Who has the number alone keeps the account under its right number; where both are taken nothing is
-- done: `select a.id, b.id from end_users a join end_users b on b.phone = phone_without_trunk(a.phone) and
-- a.id <> b.id` names them, for somebody to look at.
create function phone_without_trunk(phone text) returns text language sql immutable parallel safe as $$
    select regexp_replace(phone,
        '^\+(20|27|3[0-4]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|21\d|22[0-46-8]|23\d|24[03-9]|25\d|26\d|29\d|35\d|37[0-7]|38\d|42\d|5[09]\d|6[7-9]\d|8[0578]\d|9[679]\d)0+(?=\d{6})',
        '+\1')
$$;

-- These are changes of form alone: nothing was updated, and nobody is to sync it again.
alter table events disable trigger user;
update events set search_text = search_fold(search_text) where octet_length(search_text) <> char_length(search_text);
alter table events enable trigger user;
alter table partners disable trigger user;
update partners set search_text = search_fold(search_text) where octet_length(search_text) <> char_length(search_text);
alter table partners enable trigger user;
alter table end_users disable trigger user;
update end_users set search_text = search_fold(search_text) where octet_length(search_text) <> char_length(search_text);
alter table end_users enable trigger user;
update end_users u set phone = phone_without_trunk(u.phone)
where u.phone <> phone_without_trunk(u.phone)
  and not exists (select 1 from end_users o where o.phone = phone_without_trunk(u.phone))
  and not exists (select 1 from end_users o where o.id < u.id and phone_without_trunk(o.phone) = phone_without_trunk(u.phone));
