//! Files in a bucket, against a double that speaks as much S3 as uploads, downloads and removals need.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;

use crate::partners::{PDF, form, partner, send_form, text, upload};
use crate::support::Site;

/// What the bucket holds, and the parts of what is still being uploaded.
#[derive(Default)]
struct Bucket {
    objects: BTreeMap<String, Vec<u8>>,
    parts: BTreeMap<(String, u32), Vec<u8>>,
    largest_part: usize,
}
type Shared = Arc<Mutex<Bucket>>;

async fn s3(State(bucket): State<Shared>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let signed = headers.get("authorization").and_then(|v| v.to_str().ok()).unwrap_or_default();
    if !signed.starts_with("AWS4-HMAC-SHA256 Credential=the-key/") {
        return StatusCode::FORBIDDEN.into_response();
    }
    let (key, query) = (uri.path().to_owned(), uri.query().unwrap_or_default());
    let mut bucket = bucket.lock().unwrap();
    match method {
        Method::POST if query.starts_with("uploads") => {
            let id = "<UploadId>1</UploadId>";
            format!("<InitiateMultipartUploadResult>{id}</InitiateMultipartUploadResult>").into_response()
        }
        Method::PUT if query.contains("partNumber=") => {
            let number = query.split('&').find_map(|pair| pair.strip_prefix("partNumber=")).unwrap().parse().unwrap();
            bucket.largest_part = bucket.largest_part.max(body.len());
            bucket.parts.insert((key, number), body.to_vec());
            [("etag", "\"part\"")].into_response()
        }
        Method::POST if query.contains("uploadId=") => {
            let parts = bucket.parts.iter().filter(|((of, _), _)| *of == key);
            let whole: Vec<u8> = parts.flat_map(|(_, bytes)| bytes.clone()).collect();
            bucket.parts.retain(|(of, _), _| *of != key);
            bucket.objects.insert(key, whole);
            let tag = "<ETag>whole</ETag>";
            format!("<CompleteMultipartUploadResult>{tag}</CompleteMultipartUploadResult>").into_response()
        }
        Method::POST if query.starts_with("delete") => {
            let asked = String::from_utf8_lossy(&body).into_owned();
            bucket.objects.retain(|key, _| !asked.contains(key.trim_start_matches("/files/")));
            "<DeleteResult></DeleteResult>".into_response()
        }
        Method::DELETE => {
            bucket.parts.retain(|(of, _), _| *of != key);
            StatusCode::NO_CONTENT.into_response()
        }
        Method::GET => match bucket.objects.get(&key) {
            Some(bytes) => {
                let headers = [("etag", "\"whole\""), ("last-modified", "Sat, 21 Nov 2026 20:14:00 GMT")];
                (headers, bytes.clone()).into_response()
            }
            None => StatusCode::NOT_FOUND.into_response(),
        },
        _ => StatusCode::NOT_IMPLEMENTED.into_response(),
    }
}

#[tokio::test]
async fn a_bucket_serves_as_well_as_a_folder() {
    let bucket = Shared::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(s3).layer(axum::extract::DefaultBodyLimit::disable());
    let router = router.with_state(bucket.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let site = Site::start_with(&[
        "--storage-url",
        "s3://files",
        "--s3-endpoint",
        &endpoint,
        "--s3-access-key-id",
        "the-key",
        "--s3-secret-access-key",
        "the-secret",
    ])
    .await;
    let admin = site.admin().await;
    let made = partner(&admin, "Harbour Hall").await;
    upload(&admin, &made, "pan").await;
    // Larger than one part: it is handed on in pieces, not gathered.
    let large = [PDF, vec![b' '; 12 << 20].as_slice()].concat();
    let document = send_form(&admin, &made, form(Some("cheque"), "large.pdf", &large)).await.expect(201);
    {
        let bucket = bucket.lock().unwrap();
        assert_eq!((bucket.objects.len(), bucket.parts.len()), (2, 0));
        assert!(bucket.largest_part <= 5 << 20, "a part of {} bytes", bucket.largest_part);
    }
    let path = format!("/partners/{}/documents/{}/link", text(&made, "id"), text(&document, "id"));
    let link = admin.get(&path).await.expect(200);
    let file = site.anonymous().http.get(format!("{}{}", site.url, text(&link, "url"))).send().await.unwrap();
    assert!(file.bytes().await.unwrap() == large, "what comes back is what was sent");
    // Refused after the file was taken in: it is gone from the bucket too.
    send_form(&admin, &made, form(Some("passport"), "x.pdf", PDF)).await.refused(422, "invalid_input");
    let mut late = form(None, "x.pdf", PDF);
    late.truncate(late.len() - 4);
    late.extend_from_slice(b"\r\nContent-Disposition: form-data; name=\"type\"\r\n\r\npassport\r\n");
    late.extend(format!("--{}--\r\n", crate::partners::BOUNDARY).bytes());
    send_form(&admin, &made, late).await.refused(422, "invalid_input");
    assert_eq!(bucket.lock().unwrap().objects.len(), 2);
}
