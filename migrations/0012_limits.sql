-- limits: codes of several networks side by side, and refresh tokens whose answer was lost

-- The network a code was asked for from, as every limit counts it: a stranger's request voids no code of the owner's.
-- Older versions note none; such a code is everybody's.
alter table user_phone_otps add column network text;
-- Guesses from other networks than that: a phone may change its network before the code is typed. Few of them work, and
-- they use up nothing of the owner's own attempts.
alter table user_phone_otps add column strange_attempts int not null default 0 check (strange_attempts >= 0);
drop index user_phone_otps_open;
create unique index user_phone_otps_open_by_network on user_phone_otps (phone_number, coalesce(network, ''))
    where closed_at is null;

-- The generation that the newest refresh token was given for, and which one was the newest when that was noted: after
-- an older version has exchanged a token, the two differ.
alter table admin_sessions add column refresh_parent int, add column refresh_parent_of int;
alter table end_user_sessions add column refresh_parent int, add column refresh_parent_of int;
