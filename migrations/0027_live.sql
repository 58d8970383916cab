-- Which team member brought an event about, so that an open page can say who changed it. Rows written by an older
-- process have none.
alter table outbox_events add column created_by uuid references admin_users (id);
