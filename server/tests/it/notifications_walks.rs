//! What the walks over everything need to know of notifications.

use crate::areas::AreaTests;

inventory::submit!(AreaTests {
    records: &[("/notifications/devices/{id}", "select id from push_subscriptions"),],
    tables: &[
        (
            "notifications",
            "id recipient_id sender_id type severity title message reference_type reference_id is_read metadata created_at updated_at"
        ),
        (
            "notification_queue",
            "id notification_id channel status reason not_before job_id kind recipient attempts created_at updated_at"
        ),
        ("notification_preferences", "id recipient_id type channel enabled created_at updated_at"),
        ("delivery_logs", "id job_id attempt channel kind recipient outcome reason created_at"),
        ("push_subscriptions", "id recipient_id session_id endpoint_enc keys_enc created_at updated_at"),
    ],
    takes_no_markup: &[
        ("notification_read", "ids"),
        ("notification_settings_set", "words of a list, times and a zone"),
        ("push_device_add", "an address, a key and a secret"),
    ],
    ..AreaTests::writes(99, |_| Box::pin(async {}))
});
