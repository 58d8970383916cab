//! Pictures of events and people: what is taken, what is shown of it, and how many there may be.

use std::io::Cursor;

use eventify::events::pictures;
use image::{DynamicImage, ImageFormat, RgbImage};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::events::{image, upload_image};
use crate::fixtures::{draft, make_guests, plan};
use crate::partners::text;
use crate::people_profiles::add;
use crate::support::{Person, Site};

fn encoded(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let picture = RgbImage::from_fn(width, height, |x, _| if x < width / 2 { [255, 0, 0] } else { [0, 0, 255] }.into());
    let mut out = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(picture).write_to(&mut out, format).expect("a picture");
    out.into_inner()
}

/// A PNG, half red and half blue.
pub fn png(width: u32, height: u32) -> Vec<u8> {
    encoded(width, height, ImageFormat::Png)
}

/// A PNG whose head says another size; the sum of its head is right.
fn said(width: u32, height: u32, depth: u8, colours: u8) -> Vec<u8> {
    let mut file = png(8, 8);
    file[16..20].copy_from_slice(&width.to_be_bytes());
    file[20..24].copy_from_slice(&height.to_be_bytes());
    (file[24], file[25]) = (depth, colours);
    let mut sum = u32::MAX;
    for byte in &file[12..29] {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg());
        }
    }
    file[29..33].copy_from_slice(&(!sum).to_be_bytes());
    file
}

const PLACE: &[u8] = b"GPS 18.5204 N 73.8567 E, SECRETCAM";

/// A JPEG that says where it was taken.
fn photo() -> Vec<u8> {
    let plain = encoded(1600, 900, ImageFormat::Jpeg);
    let exif = [b"Exif\0\0MM\0\x2a\0\0\0\x08\0\0\0\0\0\0", PLACE].concat();
    let length = u16::try_from(exif.len() + 2).expect("short").to_be_bytes();
    [&plain[..2], b"\xff\xe1", &length, &exif, &plain[2..], b"<script>behind()</script>"].concat()
}

fn holds(file: &[u8], what: &[u8]) -> bool {
    file.windows(what.len()).any(|window| window == what)
}

/// What the job of an event's picture does.
pub async fn make(site: &Site, id: &str) {
    pictures::make(&site.test, id.parse().expect("an id")).await.expect("is made");
    // As whoever runs jobs says.
    site.test.app.changed();
}

async fn fetch(person: &Person, path: &str) -> (StatusCode, Vec<u8>) {
    let answer = person.http.get(format!("{}{path}", person.url)).send().await.expect("an answer");
    (answer.status(), answer.bytes().await.expect("a body").to_vec())
}

/// The same by a browser that says which pictures it takes: the answer's type, what it varies by, and the file.
async fn fetch_as(person: &Person, path: &str, accept: &str) -> (String, String, Vec<u8>) {
    let request = person.http.get(format!("{}{path}", person.url)).header("accept", accept);
    let answer = request.send().await.expect("an answer");
    assert_eq!(answer.status(), 200, "{path}");
    let header = |name: &str| {
        let values =
            answer.headers().get_all(name).iter().map(|value| value.to_str().expect("text").to_ascii_lowercase());
        values.collect::<Vec<_>>().join(", ")
    };
    let (kind, vary) = (header("content-type"), header("vary"));
    (kind, vary, answer.bytes().await.expect("a body").to_vec())
}

async fn published(site: &Site, admin: &Person) -> Value {
    let event = draft(site, admin, 10).await;
    admin.post(&format!("/events/{}/publish", text(&event, "id")), json!({})).await.expect(200)
}

#[tokio::test]
async fn what_is_no_whole_picture_is_refused_before_it_is_kept() {
    let site = Site::start().await;
    let host = &make_guests(&site, 1).await[0];
    let event = host.post("/events", plan(&site, 20, 10)).await.expect(201);
    let whole = png(64, 64);
    for (what, file, says) in [
        ("a cut PNG", whole[..60].to_vec(), "whole picture"),
        ("a cut JPEG", photo()[..4000].to_vec(), "whole picture"),
        ("a page as a JPEG", b"\xff\xd8\xff\xe0<script>alert(1)</script>".to_vec(), "whole picture"),
        ("a page behind a PNG", [whole.as_slice(), b"<script>alert(1)</script>"].concat(), "whole picture"),
        ("no size", said(0, 0, 8, 2), "whole picture"),
        ("absurd sizes", said(2_147_483_647, 2_147_483_647, 8, 2), "memory"),
        ("2 GB of memory", said(16_384, 16_384, 16, 6), "40 megapixels"),
        ("500 MB of memory", said(8_192, 8_192, 16, 6), "40 megapixels"),
        ("200 MB of memory", said(8_192, 8_192, 8, 2), "40 megapixels"),
    ] {
        for answer in [upload_image(host, &event, &file).await, add(host, &file).await] {
            answer.refused(422, "invalid_input");
            let message = answer.body["errors"]["file"][0].as_str().unwrap_or_default();
            assert!(message.contains(says), "{what}: {}", answer.body);
        }
    }
    assert_eq!(site.number("select count(*) from stored_files").await, 0, "nothing of it was kept");
    assert_eq!(site.number("select count(*) from job_runs where queue_name = 'media'").await, 0);
}

#[tokio::test]
async fn of_a_photo_only_its_pixels_are_shown() {
    let site = Site::start().await;
    let (admin, anyone) = (site.admin().await, site.anonymous());
    let event = published(&site, &admin).await;
    let added = upload_image(&admin, &event, &photo()).await.expect(201);
    assert_eq!((text(&added, "status"), &added["is_cover"]), ("processing", &json!(true)));
    let page = format!("/e/{}", text(&event, "slug"));
    let cover = format!("{page}/cover/{}", text(&added, "id"));
    let urls = [text(&added, "image_url"), text(&added, "cover_url"), &cover];
    for url in urls {
        assert_eq!(fetch(&anyone, url).await.0, 404, "{url} before it is made");
    }
    let shown = fetch(&anyone, &page).await.1;
    assert!(!holds(&shown, cover.as_bytes()), "the page does not show what is not there");
    let source: String = sqlx::query_scalar("select storage_key from event_images")
        .fetch_one(&site.test.reader)
        .await
        .expect("its source");
    assert_eq!(pictures::queue_the_rest(&site.test, "test").await.expect("queued"), 0, "a job is at it");
    let jobs = "select count(*) from job_runs where job_type = 'events.make_image'";
    assert_eq!(site.number(jobs).await, 1, "it was queued when it was added");
    make(&site, text(&added, "id")).await;
    for (url, size) in urls.into_iter().zip([(1600, 900), (1200, 630), (1200, 630)]) {
        let (status, file) = fetch(&anyone, url).await;
        assert_eq!(status, 200, "{url}");
        assert!(!holds(&file, b"GPS") && !holds(&file, b"SECRETCAM") && !holds(&file, b"script"), "{url} tells more");
        let shown = image::load_from_memory(&file).expect("a picture");
        assert_eq!((shown.width(), shown.height()), size, "{url}");
    }
    // Cards and lines take smaller ones; whoever knows WebP gets that, and caches keep the two apart.
    let sizes = [
        ("cover", (1200, 630)),
        ("medium", (800, 420)),
        ("small", (480, 252)),
        ("compact", (320, 168)),
        ("tiny", (160, 84)),
    ];
    for (word, size) in sizes {
        for (accept, expected) in
            [("image/avif,image/webp,*/*;q=0.8", "image/webp"), ("image/png,*/*", "image/jpeg"), ("*/*", "image/jpeg")]
        {
            let (kind, vary, file) = fetch_as(&anyone, &format!("{cover}?size={word}"), accept).await;
            assert_eq!(kind, expected, "{word} for {accept}");
            assert!(vary.split(", ").any(|header| header == "accept"), "{word} varies by {vary}");
            assert!(
                !holds(&file, b"GPS") && !holds(&file, b"SECRETCAM") && !holds(&file, b"EXIF"),
                "{word} tells more"
            );
            let shown = image::load_from_memory(&file).expect("a picture");
            assert_eq!((shown.width(), shown.height()), size, "{word} for {accept}");
        }
    }
    let (kind, _, _) = fetch_as(&anyone, text(&added, "image_url"), "image/webp").await;
    assert_eq!(kind, "image/jpeg", "the whole image is the file itself");
    let shown = fetch(&anyone, &page).await.1;
    assert!(holds(&shown, cover.as_bytes()), "the page shows it now");
    for width in ["?size=tiny 160w", "?size=compact 320w", "?size=small 480w", "?size=medium 800w", " 1200w"] {
        assert!(holds(&shown, width.as_bytes()), "the browser may choose {width}");
    }
    assert!(site.test.storage.read(&source).await.expect("storage").is_none(), "what was uploaded is gone");
    assert_eq!(site.number("select count(*) from stored_files").await, 2);
    // Once more changes nothing.
    make(&site, text(&added, "id")).await;
    assert_eq!(site.number("select count(*) from stored_files").await, 2);
    let path = format!("/events/{}/images/{}", text(&event, "id"), text(&added, "id"));
    admin.delete(&path).await.expect(204);
    assert_eq!(site.number("select count(*) from stored_files where kept_at is not null").await, 0);
}

#[tokio::test]
async fn a_webp_is_taken_by_its_content_and_shown_to_everybody() {
    let site = Site::start().await;
    let (admin, anyone) = (site.admin().await, site.anonymous());
    let event = published(&site, &admin).await;
    let added = upload_image(&admin, &event, &encoded(1600, 900, ImageFormat::WebP)).await.expect(201);
    assert_eq!(text(&added, "media_type"), "image/webp");
    make(&site, text(&added, "id")).await;
    for accept in ["*/*", "image/webp"] {
        let (kind, _, file) = fetch_as(&anyone, text(&added, "cover_url"), accept).await;
        assert_eq!(kind, if accept == "*/*" { "image/jpeg" } else { "image/webp" });
        let shown = image::load_from_memory(&file).expect("a picture").into_rgb8();
        assert!(shown.get_pixel(20, 20).0[0] > 200 && shown.get_pixel(1180, 20).0[2] > 200, "left and right are kept");
    }
}

#[tokio::test]
async fn pictures_of_older_processes_are_made_and_never_shown_raw() {
    let site = Site::start().await;
    let (admin, anyone) = (site.admin().await, site.anonymous());
    let event = published(&site, &admin).await;
    let mut ids = Vec::new();
    for (at, file) in [b"\xff\xd8\xff\xe0no picture at all".to_vec(), photo()].into_iter().enumerate() {
        let folder = format!("events/{}", text(&event, "id"));
        let (file_id, key) = eventify::kernel::files::store(&site.test, &folder, file).await.expect("is stored");
        // As the last release adds a picture.
        let id: uuid::Uuid = sqlx::query_scalar(
            "with kept as (update stored_files set kept_at = now() where id = $3),
                  covers as (update events set cover_images = cover_images || jsonb_build_array($1::uuid) where id = $2::uuid)
             insert into event_images (id, event_id, file_id, storage_key, media_type, size_bytes, position)
             values ($1, $2::uuid, $3, $4, 'image/jpeg', 100, $5) returning id",
        )
        .bind(eventify::kernel::clock::new_uuid())
        .bind(text(&event, "id"))
        .bind(file_id)
        .bind(key)
        .bind(i32::try_from(at).expect("small"))
        .fetch_one(&mut site.test.owner().await)
        .await
        .expect("a row");
        ids.push(id.to_string());
    }
    let file = |id: &String| format!("/api/v1/event-images/{id}/file");
    for id in &ids {
        assert_eq!(fetch(&anyone, &file(id)).await.0, 404);
    }
    for queued in [2, 0] {
        assert_eq!(pictures::queue_the_rest(&site.test, "test").await.expect("queued"), queued);
    }
    assert_eq!(site.number("select count(*) from job_runs where job_type = 'events.make_image'").await, 2);
    for id in &ids {
        make(&site, id).await;
    }
    assert_eq!(fetch(&anyone, &file(&ids[0])).await.0, 404, "of what is no picture there is none");
    let (status, shown) = fetch(&anyone, &file(&ids[1])).await;
    assert!(status == 200 && !holds(&shown, b"GPS"));
    let path = format!("/events/{}", text(&event, "id"));
    assert_eq!(admin.get(&path).await.expect(200)["cover_images"], json!([ids[1]]), "nor is it a cover");
    let images = admin.rows(&format!("{path}/images")).await;
    assert_eq!((text(&images[0], "status"), text(&images[1], "status")), ("unreadable", "ready"));
    let order = json!({ "images": ids, "covers": [ids[0]] });
    admin.put(&format!("{path}/images"), order).await.refused(422, "invalid_input");
    assert_eq!(pictures::queue_the_rest(&site.test, "test").await.expect("queued"), 0);
}

/// By the application's clock, as everything else: a database that shows another hour changes nothing.
#[tokio::test]
async fn a_picture_whose_job_failed_is_made_again_after_a_day() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let event = draft(&site, &admin, 10).await;
    image(&admin, &event).await.expect(201);
    site.test.clock.advance(time::Duration::days(400));
    sqlx::query("update job_runs set status = 'dead', finished_at = $1 where job_type = 'events.make_image'")
        .bind(site.test.clock.now().0)
        .execute(&mut site.test.owner().await)
        .await
        .expect("it failed");
    for (hours, queued) in [(0, 0), (23, 0), (2, 1)] {
        site.test.clock.advance(time::Duration::hours(hours));
        assert_eq!(pictures::queue_the_rest(&site.test, "test").await.expect("queued"), queued, "after {hours} more");
    }
}

/// Uploads that are decoded wait for one another in a process: nobody sends them as fast as ordinary calls.
#[test]
fn whoever_uploads_pictures_does_not_hold_the_workshop() {
    for id in ["event_image_add", "my_picture_add"] {
        let operation = eventify::kernel::registry::operations().into_iter().find(|operation| operation.id == id);
        assert_eq!(operation.expect(id).rate, eventify::kernel::rate::RateClass::Costly, "{id}");
    }
}

#[tokio::test]
async fn a_picture_whose_job_failed_is_tried_again_after_a_day_of_our_clock() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let event = published(&site, &admin).await;
    upload_image(&admin, &event, &photo()).await.expect(201);
    sqlx::query("update job_runs set status = 'dead', finished_at = $1 where job_type = 'events.make_image'")
        .bind(site.test.clock.now())
        .execute(&site.test.pool)
        .await
        .expect("it failed");
    site.test.clock.advance(time::Duration::hours(23));
    assert_eq!(pictures::queue_the_rest(&site.test, "test").await.expect("queued"), 0);
    site.test.clock.advance(time::Duration::hours(2));
    assert_eq!(pictures::queue_the_rest(&site.test, "test").await.expect("queued"), 1);
}

#[tokio::test]
async fn duplicates_share_what_was_made() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let event = draft(&site, &admin, 10).await;
    let path = format!("/events/{}", text(&event, "id"));
    let (made, unmade) = (image(&admin, &event).await.expect(201), image(&admin, &event).await.expect(201));
    make(&site, text(&made, "id")).await;
    let start = plan(&site, 10, 30)["start_at"].clone();
    let copy = admin.post(&format!("{path}/duplicate"), json!({ "start_at": start })).await.expect(201);
    let there = format!("/events/{}", text(&copy, "id"));
    let copies = admin.rows(&format!("{there}/images")).await;
    assert_eq!((text(&copies[0], "status"), text(&copies[1], "status")), ("ready", "processing"));
    make(&site, text(&unmade, "id")).await;
    make(&site, text(&copies[1], "id")).await;
    for copy in copies.as_array().expect("a list") {
        let url = text(copy, "cover_url").trim_start_matches("/api/v1").to_owned();
        admin.get(&url).await.expect(200);
    }
    // Two of the first picture, shared; two of each copy of the second; its source is nobody's any more.
    assert_eq!(site.number("select count(*) from stored_files where kept_at is not null").await, 6);
    for (event, images) in [(&path, [&made, &unmade]), (&there, [&copies[0], &copies[1]])] {
        for image in images {
            admin.delete(&format!("{event}/images/{}", text(image, "id"))).await.expect(204);
        }
        let left = site.number("select count(*) from stored_files where kept_at is not null").await;
        assert_eq!(left, if event == &path { 4 } else { 0 });
    }
}

#[tokio::test]
async fn pictures_of_an_event_and_bytes_of_a_host_are_limited() {
    let site = Site::start().await;
    let host = &make_guests(&site, 1).await[0];
    let event = host.post("/events", plan(&site, 20, 10)).await.expect(201);
    image(host, &event).await.expect(201);
    let more = "insert into event_images (id, event_id, file_id, storage_key, media_type, size_bytes, position)
        select gen_random_uuid(), event_id, file_id, storage_key, media_type, size_bytes, n
        from event_images, generate_series(1, 19) n";
    sqlx::query(more).execute(&mut site.test.owner().await).await.expect("twenty");
    image(host, &event).await.refused(409, "too_many_images");
    let other = host.post("/events", plan(&site, 20, 11)).await.expect(201);
    image(host, &other).await.expect(201);
    let large = "update event_images set size_bytes = 512 << 20 where position = 0";
    sqlx::query(large).execute(&mut site.test.owner().await).await.expect("large");
    image(host, &other).await.refused(409, "picture_storage_full");
    assert_eq!(site.number("select count(*) from stored_files").await, 2, "what was refused left no file");
    // Nobody else pays for that.
    let admin = site.admin().await;
    let event = draft(&site, &admin, 10).await;
    image(&admin, &event).await.expect(201);
}
