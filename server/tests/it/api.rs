//! How the API and the server behave as HTTP.

use reqwest::Method;
use serde_json::json;

use crate::support::{PASSWORD, Site, read};

#[tokio::test]
async fn status_headers_and_methods() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let answer = admin.get("/admin/users").await;
    for header in ["ratelimit-limit", "ratelimit-remaining", "x-request-id", "content-security-policy"] {
        assert!(answer.headers.contains_key(header), "{header}");
    }
    assert_eq!(answer.headers["x-content-type-options"], "nosniff");
    assert!(!answer.headers.contains_key("strict-transport-security"), "no HSTS without TLS");
    admin.send(Method::PATCH, "/admin/users", Some(json!({}))).await.refused(405, "method_not_allowed");
    admin.get("/no/such/thing").await.refused(404, "not_found");
    let id = admin.request(Method::GET, "/auth/me").header("x-request-id", "my-own-request-id-1");
    assert_eq!(id.send().await.unwrap().headers()["x-request-id"], "my-own-request-id-1");
    let big = admin.post("/admin/roles", json!({ "name": "x".repeat(2 << 20) })).await;
    big.refused(413, "body_too_large");
}

#[tokio::test]
async fn a_name_that_is_given_twice_is_refused() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let send = async |body: &'static str| {
        let request = admin.request(Method::POST, "/admin/roles").header("content-type", "application/json");
        read(request.body(body).send().await.unwrap()).await
    };
    let refused = send(r#"{"name":"One","name":"Two"}"#).await;
    refused.refused(400, "malformed_json");
    let detail = refused.body["detail"].as_str().expect("a reason");
    assert!(detail.starts_with("`name` is given twice"), "{detail}");
    send(r#"{"name":"One"}"#).await.expect(201);
}

#[tokio::test]
async fn cookies_are_safe_and_writes_must_come_from_here() {
    let site = Site::start_with(&["--public-url", "https://events.example.com"]).await;
    let person = site.account("p@example.com", "super_admin").await;
    let body = json!({ "email": person.email, "password": PASSWORD, "session": "cookie" });
    let answer = person.post("/auth/login", body).await;
    let cookies: Vec<String> =
        answer.headers.get_all("set-cookie").iter().map(|v| v.to_str().unwrap().to_owned()).collect();
    assert!(answer.body["tokens"].is_null(), "a browser gets no token that a script could read");
    for name in ["__Host-evf_staff", "__Host-evf_staff_refresh"] {
        let cookie = cookies.iter().find(|c| c.starts_with(name)).expect(name);
        for part in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/"] {
            assert!(cookie.contains(part), "{cookie}");
        }
    }
    assert!(answer.headers.contains_key("strict-transport-security"));
    let jar = cookies.iter().map(|c| c.split(';').next().unwrap()).collect::<Vec<_>>().join("; ");
    let write = |origin: Option<&'static str>, site_header: Option<&'static str>| {
        let mut request = person.request(Method::POST, "/admin/roles").header("cookie", &jar);
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        if let Some(value) = site_header {
            request = request.header("sec-fetch-site", value);
        }
        let request = request.json(&json!({ "name": format!("R {}", eventify::kernel::clock::new_uuid()) }));
        async move { read(request.send().await.unwrap()).await }
    };
    write(Some("https://events.example.com"), Some("same-origin")).await.expect(201);
    write(Some("https://evil.example"), None).await.refused(403, "origin_mismatch");
    write(None, Some("cross-site")).await.refused(403, "origin_mismatch");
    write(Some("null"), None).await.refused(403, "origin_mismatch");
    let login = person.request(Method::POST, "/auth/login").header("origin", "https://evil.example").json(&json!({}));
    read(login.send().await.unwrap()).await.refused(403, "origin_mismatch");
}

#[tokio::test]
async fn a_browsers_session_renews_itself() {
    let site = Site::start().await;
    let person = site.account("p@example.com", "auditor").await;
    let body = json!({ "email": person.email, "password": PASSWORD, "session": "cookie" });
    let answer = person.post("/auth/login", body).await;
    let jar = |answer: &crate::support::Answer| {
        let all = answer.headers.get_all("set-cookie").iter();
        all.map(|v| v.to_str().unwrap().split(';').next().unwrap().to_owned()).collect::<Vec<_>>().join("; ")
    };
    let cookies = jar(&answer);
    let call = |cookies: String| {
        let request = person.request(Method::GET, "/auth/me").header("cookie", cookies);
        async move { read(request.send().await.unwrap()).await }
    };
    call(cookies.clone()).await.expect(200);
    site.test.clock.advance(time::Duration::minutes(11));
    let renewed = call(cookies).await;
    assert_eq!(renewed.status, 200, "{}", renewed.body);
    let fresh = jar(&renewed);
    assert!(fresh.contains("evf_staff=ey") && fresh.contains("evf_staff_refresh=evr_"), "{fresh}");
    site.test.clock.advance(time::Duration::days(8));
    assert_eq!(call(fresh).await.status, 401);
}

#[tokio::test]
async fn lists_are_keyset_pages() {
    let site = Site::start().await;
    let admin = site.admin().await;
    for i in 0..25 {
        site.account(&format!("p{i:02}@example.com"), "auditor").await;
    }
    for sort in ["name", "-name", "email", "-email", "created", "-created", "last_active", "-last_active"] {
        let mut seen = Vec::new();
        let mut path = format!("/admin/users?limit=7&sort={sort}");
        loop {
            let page = admin.get(&path).await.expect(200);
            seen.extend(page["items"].as_array().unwrap().iter().map(|s| s["email"].as_str().unwrap().to_owned()));
            match page["next_cursor"].as_str() {
                Some(cursor) => path = format!("/admin/users?limit=7&sort={sort}&cursor={cursor}"),
                None => break,
            }
        }
        assert_eq!(seen.len(), 26, "{sort}");
        let mut unique = seen.clone();
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), 26, "{sort}");
        if sort == "-email" {
            unique.reverse();
            assert_eq!(seen, unique);
        }
    }
    let page = admin.get("/admin/users?limit=7&sort=email").await.expect(200);
    let cursor = page["next_cursor"].as_str().unwrap();
    let other = admin.get(&format!("/admin/users?limit=7&sort=email&status=active&cursor={cursor}")).await;
    other.refused(422, "invalid_input");
    assert!(other.body["errors"]["cursor"].is_array());
    admin.get("/admin/users?limit=0").await.refused(422, "invalid_input");
    admin.get("/admin/users?sort=shoe_size").await.refused(422, "invalid_input");
    admin.get("/admin/users?colour=red").await.refused(422, "invalid_input");
    assert_eq!(admin.get("/admin/users?q=P07&status=Active").await.expect(200)["items"].as_array().unwrap().len(), 1);
    assert_eq!(admin.get("/admin/users?q=%25").await.expect(200)["items"].as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn too_many_requests_are_told_so() {
    let site = Site::start_with(&["--rate-per-minute", "20"]).await;
    let person = site.anonymous();
    let mut refused = None;
    for _ in 0..200 {
        let answer = person.get("/auth/invitation?token=x").await;
        if answer.status == 429 {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("a limit");
    refused.refused(429, "rate_limited");
    assert!(refused.headers.contains_key("retry-after") && refused.headers.contains_key("ratelimit-reset"));
}

#[tokio::test]
async fn documents_are_served() {
    let site = Site::start().await;
    let http = reqwest::Client::new();
    for (path, words) in [
        ("/api/v1/openapi.json", "\"openapi\":\"3.1.0\""),
        ("/api/docs", "List team members"),
        ("/api/errors", "last_super_admin"),
        ("/healthz", "ok"),
        ("/readyz", "ready"),
    ] {
        let answer = http.get(format!("{}{path}", site.url)).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        assert!(answer.text().await.unwrap().contains(words), "{path}");
    }
}

#[tokio::test]
async fn a_list_is_no_object_and_a_word_is_told_the_others() {
    let site = Site::start().await;
    let admin = site.admin().await;
    for (body, kind) in
        [(json!([]), "a list"), (json!([[], []]), "a list"), (json!("x"), "text"), (json!(7), "a number")]
    {
        let refused = admin.post("/notifications/read", body).await;
        refused.refused(422, "invalid_input");
        assert_eq!(refused.body["errors"]["body"][0], format!("must be an object, not {kind}"), "{}", refused.body);
    }
    assert_eq!(admin.post("/notifications/read", json!({})).await.expect(200)["unread"], 0);
    // Within a body too: what a sale costs is an object, not its values in a row.
    let price = json!({ "name": "Front row", "price": [100, "INR"] });
    let event = crate::fixtures::draft(&site, &admin, 10).await;
    let path = format!("/events/{}/ticket-types", crate::partners::text(&event, "id"));
    let refused = admin.post(&path, price).await;
    assert_eq!(refused.body["errors"]["price"][0], "must be an object, not a list", "{}", refused.body);

    let sale = json!({ "ticket_type_id": event["id"], "method": "CASH", "name": "Rohit" });
    let path = format!("/events/{}/door-sales", crate::partners::text(&event, "id"));
    let refused = admin.post(&path, sale).await;
    assert_eq!(refused.body["errors"]["method"][0], "must be cash or comp", "{}", refused.body);
    let refused = admin.get("/payments?status=PAID").await;
    let said = "must be initiated, authorised, captured, failed, disputed or lost";
    assert_eq!(refused.body["errors"]["status[0]"][0], said, "{}", refused.body);
}
