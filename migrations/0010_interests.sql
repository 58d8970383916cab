-- An interest that nobody has may be deleted; its audit entry stays.
grant delete on event_interests to eventify_app;
