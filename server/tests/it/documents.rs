//! KYC documents: what is taken, what it makes of a partner, how a file is fetched, what is swept.

use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::partners::{BOUNDARY, PDF, form, mailed, partner, review, send_form, text, upload};
use crate::support::{Answer, Site};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89";

async fn objects(site: &Site) -> usize {
    fn count(folder: &std::path::Path) -> usize {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|e| if e.path().is_dir() { count(&e.path()) } else { 1 }).sum()
    }
    count(&site.test.config.data.join("files"))
}

#[tokio::test]
async fn the_documents_make_the_verification() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let made = partner(&admin, "Harbour Hall").await;
    let path = format!("/partners/{}", text(&made, "id"));
    let reviewer = site.person("reviewer@example.com", "super_admin").await;
    let (registration, pan) = (upload(&admin, &made, "company_reg").await, upload(&admin, &made, "PAN").await);
    let (cheque, other) = (upload(&admin, &made, "cheque").await, upload(&admin, &made, "other").await);
    let queue = admin.get("/kyc/queue?limit=3").await.expect(200);
    assert_eq!(queue["items"][0]["document"]["id"], registration["id"], "oldest first");
    let rest = admin.get(&format!("/kyc/queue?limit=3&cursor={}", text(&queue, "next_cursor"))).await.expect(200);
    assert_eq!(rest["items"][0]["document"]["id"], other["id"]);
    let without = json!({ "document_id": pan["id"], "decision": "Reject" });
    admin.post(&format!("{path}/kyc/review"), without).await.refused(422, "invalid_input");
    for (document, decision, expected) in
        [(&registration, "Approve", "pending"), (&pan, "rejected", "rejected"), (&cheque, "verified", "rejected")]
    {
        let outcome = review(&reviewer, &made, document, decision).await.expect(200);
        assert_eq!(outcome["partner"]["verification_status"], expected, "{outcome}");
    }
    review(&admin, &made, &pan, "verified").await.refused(409, "invalid_transition");
    let better = upload(&admin, &made, "pan").await;
    assert_eq!(admin.get(&path).await.expect(200)["verification_status"], "pending");
    review(&admin, &made, &pan, "verified").await.refused(409, "invalid_transition");
    let outcome = review(&reviewer, &made, &better, "verified").await.expect(200);
    assert_eq!(outcome["partner"]["verification_status"], "verified");
    assert!(outcome["document"]["verified_at"].is_string());
    let outcome = review(&admin, &made, &other, "rejected").await.expect(200);
    assert_eq!(outcome["partner"]["verification_status"], "verified", "others are not required");
    // The partner is told of each, and of what they come to in place of the last.
    let (approved, rejected) = (mailed(&site, "document_approved").await, mailed(&site, "document_rejected").await);
    assert!(approved.len() == 2 && approved[0].contains("Company registration"), "{approved:?}");
    assert!(rejected.len() == 2 && rejected[0].contains("Looked at it"), "{rejected:?}");
    assert_eq!(mailed(&site, "partner_verified").await.len(), 1);
    assert_eq!(site.number("select count(*) from outbox_events where type = 'partner.verification_changed'").await, 3);
    assert_eq!(site.number("select count(*) from audit_logs where object_type = 'partner_document'").await, 10);
    let documents = admin.rows(&format!("{path}/documents")).await;
    assert_eq!(documents.as_array().unwrap().iter().filter(|d| !d["superseded_at"].is_null()).count(), 1);
}

#[tokio::test]
async fn one_of_many_reviewers_decides() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let made = partner(&admin, "Harbour Hall").await;
    let document = upload(&admin, &made, "pan").await;
    let reviewer = site.person("reviewer@example.com", "super_admin").await;
    let calls = (0..12).map(|n| {
        let (reviewer, made, document) = (reviewer.clone(), made.clone(), document.clone());
        async move { review(&reviewer, &made, &document, if n % 2 == 0 { "verified" } else { "rejected" }).await }
    });
    let answers = futures::future::join_all(calls).await;
    assert_eq!(answers.iter().filter(|a| a.status == 200).count(), 1);
    assert!(answers.iter().all(|a| a.status == 200 || a.code() == "invalid_transition"));
    assert_eq!(site.number("select count(*) from audit_logs where action = 'partner.document_reviewed'").await, 1);
}

#[tokio::test]
async fn uploads_are_told_by_their_bytes_and_refused_by_name() {
    let site = Site::start_with(&["--upload-mib", "1"]).await;
    let admin = site.admin().await;
    let made = partner(&admin, "Harbour Hall").await;
    let png = send_form(&admin, &made, form(Some("other"), "really a picture.pdf", PNG)).await.expect(201);
    assert_eq!((text(&png, "media_type"), text(&png, "file_name")), ("image/png", "really a picture.pdf.png"));
    assert_eq!(objects(&site).await, 1);
    let field = |answer: Answer, status: u16, field: &str| {
        assert_eq!(answer.status.as_u16(), status, "{}", answer.body);
        assert!(answer.body["errors"][field].is_array(), "{field}: {}", answer.body);
    };
    let send = |body: Vec<u8>| send_form(&admin, &made, body);
    field(send(form(Some("pan"), "evil.pdf", b"<script>alert(1)</script>")).await, 422, "file");
    field(send(form(Some("pan"), "empty.pdf", b"")).await, 422, "file");
    field(send(form(None, "a.pdf", PDF)).await, 422, "type");
    field(send(form(Some("passport"), "a.pdf", PDF)).await, 422, "type");
    let large = [PDF, &vec![b' '; (1 << 20) + 1]].concat();
    field(send(form(Some("pan"), "a.pdf", &large)).await, 413, "file");
    // A sender that does not say how much will come is stopped on the way.
    let chunks = form(Some("pan"), "a.pdf", &large)
        .chunks(60_000)
        .map(|c| Ok::<_, std::io::Error>(c.to_vec()))
        .collect::<Vec<_>>();
    let stream = reqwest::Body::wrap_stream(futures::stream::iter(chunks));
    field(send_form(&admin, &made, stream).await, 413, "file");
    let broken = form(Some("pan"), "a.pdf", PDF);
    send(broken[..broken.len() - 40].to_vec()).await.refused(400, "malformed_multipart");
    let path = format!("/partners/{}/documents", text(&made, "id"));
    admin.post(&path, json!({ "type": "pan" })).await.refused(400, "malformed_multipart");
    assert_eq!(objects(&site).await, 1, "what was refused left nothing behind");
    assert_eq!(site.number("select count(*) from stored_files").await, 1);
    assert_eq!(site.number("select count(*) from partner_documents").await, 1);

    // Two gigabytes are refused before the first of them.
    let mut line = tokio::net::TcpStream::connect(site.url.trim_start_matches("http://")).await.unwrap();
    let head = format!(
        "POST /api/v1{path} HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {}\r\n\
         Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nContent-Length: 2147483648\r\n\r\n",
        admin.token.as_deref().unwrap()
    );
    line.write_all(head.as_bytes()).await.unwrap();
    let mut answer = vec![0; 2048];
    let length = tokio::time::timeout(Duration::from_secs(10), line.read(&mut answer)).await.unwrap().unwrap();
    assert!(answer[..length].starts_with(b"HTTP/1.1 413"), "{}", String::from_utf8_lossy(&answer[..length]));
}

#[tokio::test]
async fn the_sweeper_removes_what_nobody_kept_and_nothing_else() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let made = partner(&admin, "Harbour Hall").await;
    let kept = upload(&admin, &made, "pan").await;
    // As a crash leaves it: an object whose row was never kept, and a row whose object never came.
    for (key, written) in [("partners/x/one", true), ("partners/x/two", false)] {
        sqlx::query("insert into stored_files (id, storage_key, created_at) values ($1, $2, $3)")
            .bind(eventify::kernel::clock::new_uuid())
            .bind(key)
            .bind(site.test.clock.now())
            .execute(&site.test.pool)
            .await
            .unwrap();
        if written {
            let mut writer = site.test.storage.write(key).await.unwrap();
            writer.add(PDF.into()).await.unwrap();
            writer.finish().await.unwrap();
        }
    }
    assert_eq!(objects(&site).await, 2);
    assert_eq!(eventify::partners::files::sweep(&site.test).await.unwrap(), 0, "an upload may still be under way");
    site.test.clock.advance(time::Duration::hours(7));
    let (first, second) =
        tokio::join!(eventify::partners::files::sweep(&site.test), eventify::partners::files::sweep(&site.test));
    assert_eq!(first.unwrap() + second.unwrap(), 2);
    assert_eq!((objects(&site).await, site.number("select count(*) from stored_files").await), (1, 1));
    site.test.clock.advance(time::Duration::hours(-7));
    let path = format!("/partners/{}/documents/{}/link", text(&made, "id"), text(&kept, "id"));
    let link = admin.get(&path).await.expect(200);
    let file = site.anonymous().http.get(format!("{}{}", site.url, text(&link, "url"))).send().await.unwrap();
    assert_eq!(file.bytes().await.unwrap(), PDF);
}

#[tokio::test]
async fn links_expire_and_cannot_be_altered() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let made = partner(&admin, "Harbour Hall").await;
    let (one, two) = (upload(&admin, &made, "pan").await, upload(&admin, &made, "cheque").await);
    let path = format!("/partners/{}/documents/{}/link", text(&made, "id"), text(&one, "id"));
    let link = admin.get(&path).await.expect(200);
    let url = text(&link, "url").to_owned();
    let fetch = |url: String| {
        let request = site.anonymous().http.get(format!("{}{url}", site.url));
        async move { request.send().await.unwrap() }
    };
    let answer = fetch(url.clone()).await;
    assert_eq!(answer.status(), 200);
    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-disposition"), "attachment; filename*=UTF-8''Scan%201.pdf");
    assert_eq!(
        (header("content-type").as_str(), header("x-content-type-options").as_str()),
        ("application/pdf", "nosniff")
    );
    assert!(header("cache-control").contains("private"));
    let shown = text(&admin.get(&format!("{path}?inline=true")).await.expect(200), "url").to_owned();
    assert!(fetch(shown).await.headers()["content-disposition"].to_str().unwrap().starts_with("inline;"));
    // As a frame of our own page asks for it.
    let framed = site.anonymous().http.get(format!("{}{url}", site.url));
    let framed = framed.header("accept", "text/html,*/*;q=0.8").header("referer", format!("{}/kyc", site.url));
    assert_eq!(framed.send().await.unwrap().status(), 200);
    for altered in [
        url.replace(text(&one, "id"), text(&two, "id")),
        url.replace("inline=false", "inline=true"),
        url.replace("expires=", "expires=9"),
        format!("{}A", url.trim_end_matches(|c: char| c.is_ascii_alphanumeric())),
    ] {
        assert_eq!(fetch(altered.clone()).await.status(), 410, "{altered}");
    }
    site.test.clock.advance(time::Duration::minutes(6));
    assert_eq!(fetch(url).await.status(), 410);
}

#[tokio::test]
async fn the_demo_is_there_once_and_can_be_looked_into() {
    let site = Site::start_with_nobody(&[]).await;
    for _ in 0..2 {
        eventify::access::demo::seed(&site.test).await.expect("the team");
        eventify::partners::demo::seed(&site.test).await.expect("the partners");
    }
    let mut contact = site.anonymous();
    contact.email = eventify::partners::demo::CONTACT.to_owned();
    let answer = contact.login(eventify::access::demo::PASSWORD).await.expect(200);
    contact.token = answer["tokens"]["access_token"].as_str().map(str::to_owned);
    let own = contact.get("/partners").await.expect(200)["items"].clone();
    assert_eq!((own.as_array().unwrap().len(), &own[0]["verification_status"]), (1, &json!("verified")));
    let documents = contact.rows(&format!("/partners/{}/documents", text(&own[0], "id"))).await;
    let path = format!("/partners/{}/documents/{}/link", text(&own[0], "id"), text(&documents[0], "id"));
    let link = contact.get(&path).await.expect(200);
    let file = contact.http.get(format!("{}{}", site.url, text(&link, "url"))).send().await.unwrap();
    assert!(file.bytes().await.unwrap().starts_with(b"%PDF-1.4"));
    for (sql, expected) in [
        ("select count(*) from partners", 12),
        ("select count(*) from partners where status = 'suspended'", 2),
        ("select count(*) from partners where verification_status = 'rejected'", 2),
        ("select count(*) from partner_contacts where is_primary", 12),
        ("select count(*) from stored_files where kept_at is null", 0),
    ] {
        assert_eq!(site.number(sql).await, expected, "{sql}");
    }
}
