//! What the walks over everything need to know of webhooks.

use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

use crate::areas::{AreaTests, Harness};
use crate::partners::text;

inventory::submit!(AreaTests {
    records: &[
        ("/webhooks/deliveries/{id}", "select id from webhook_deliveries"),
        ("/webhooks/endpoints/{id}", "select id from webhook_endpoints"),
    ],
    tables: &[
        ("webhook_endpoints", "id url event_types status secret_enc created_by created_at updated_at"),
        (
            "webhook_deliveries",
            "id endpoint_id event_id event_type payload status attempts next_attempt_at created_at updated_at",
        ),
    ],
    takes_no_markup: &[("webhook_endpoint_redeliver", "a time")],
    elsewhere: &[("/webhooks", "/webhooks/endpoints")],
    ..AreaTests::writes(5, |stage| Box::pin(writes(stage)))
});

async fn writes(Harness { site, admin, out, .. }: Harness<'_>) {
    let mut add = |name, method, path: String, body| out.push((name, method, path, body));
    let hook = json!({ "url": "https://hooks.example.com/", "event_types": ["partner.created"] });
    let made = admin.post("/webhooks/endpoints", hook.clone()).await.expect(201)["endpoint"].clone();
    let path = format!("/webhooks/endpoints/{}", made["id"].as_str().unwrap());
    add("webhook_endpoint_create", Method::POST, "/webhooks/endpoints".into(), Some(hook));
    let change = json!({ "description": "Changed", "version": made["version"] });
    add("webhook_endpoint_update", Method::PATCH, path.clone(), Some(change));
    add("webhook_endpoint_test", Method::POST, format!("{path}/test"), Some(json!({})));
    add("webhook_endpoint_rotate_secret", Method::POST, format!("{path}/rotate-secret"), Some(json!({})));
    let off = json!({ "status": "disabled" });
    add("webhook_endpoint_set_status", Method::PATCH, format!("{path}/status"), Some(off));
    add("webhook_endpoint_delete", Method::DELETE, path, None);
    let hook = json!({ "url": "https://hooks.example.com/again", "event_types": ["partner.created"] });
    let made = admin.post("/webhooks/endpoints", hook).await.expect(201);
    let endpoint = text(&made["endpoint"], "id");
    let db = &mut site.test.owner().await;
    let failed: Vec<Uuid> = sqlx::query_scalar(
        "insert into webhook_deliveries (id, endpoint_id, event_id, event_type, event_at, payload, status, attempts)
         select gen_random_uuid(), $1::uuid, gen_random_uuid(), 'partner.created', now(), '{}', 'failed', 8
         from generate_series(1, 2) returning id",
    )
    .bind(endpoint)
    .fetch_all(&mut *db)
    .await
    .expect("failed deliveries");
    let again = format!("/webhooks/deliveries/{}/redeliver", failed[0]);
    add("webhook_delivery_redeliver", Method::POST, again, Some(json!({})));
    let since = json!({ "since": "2020-01-01T00:00:00Z" });
    let again = format!("/webhooks/endpoints/{endpoint}/redeliver");
    add("webhook_endpoint_redeliver", Method::POST, again, Some(since));
}
