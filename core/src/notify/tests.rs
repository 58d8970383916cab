use std::time::Duration;

use mail_parser::MimeHeaders;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::render::{Blocks, escape, fill_in};
use super::{Code, Enclosed, EventFacts, Mail, Mailer, Says, Template, Values, mail, mailbox, samples};
use crate::access::links;
use crate::access::templates::{AccountLocked, PartnerAccess, PasswordChanged, PasswordReset};
use crate::bus::{consumers, relay};
use crate::kernel::app::App;
use crate::kernel::clock::new_uuid;
use crate::kernel::error::Result;
use crate::kernel::testing::{self, TestApp};
use crate::ops::worker;
use crate::organisation::{self, Organisation};

/// A mail server that takes everything but mail to `nobody@…`.
async fn smtp_sink() -> (String, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    let (sent, received) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let sent = sent.clone();
            tokio::spawn(async move {
                let (read, mut write) = socket.split();
                let mut lines = BufReader::new(read).lines();
                let (mut mail, mut in_data) = (String::new(), false);
                write.write_all(b"220 sink\r\n").await?;
                while let Some(line) = lines.next_line().await? {
                    let verb = line.split(' ').next().unwrap_or_default().to_ascii_uppercase();
                    let answer = match (in_data, verb.as_str()) {
                        (true, ".") => {
                            in_data = false;
                            let _ = sent.send(std::mem::take(&mut mail));
                            "250 taken"
                        }
                        (true, _) => {
                            mail.push_str(&line);
                            mail.push('\n');
                            continue;
                        }
                        (false, "RCPT") if line.contains("nobody@") => "550 no such mailbox",
                        (false, "DATA") => {
                            in_data = true;
                            "354 go on"
                        }
                        (false, "QUIT") => "221 bye",
                        _ => "250 fine",
                    };
                    write.write_all(format!("{answer}\r\n").as_bytes()).await?;
                }
                std::io::Result::Ok(())
            });
        }
    });
    (url, received)
}

async fn queue(app: &TestApp, to: &str, template: impl Into<Template>) {
    let mut tx = app.tx().await;
    mail(&mut tx, to, template);
    tx.commit().await.unwrap();
}

/// Runs a worker until no job waits any more; answers how they ended.
async fn work(app: &TestApp) -> Vec<(String, String)> {
    let stop = CancellationToken::new();
    let worker = tokio::spawn(worker::run(app.app.clone(), stop.clone()));
    let finished = async {
        loop {
            let open = "select count(*) from job_runs where job_type = 'mail.send' and status in ('queued', 'running')";
            let open: i64 = sqlx::query_scalar(open).fetch_one(&app.reader).await.unwrap();
            if open == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), finished).await.expect("the mails are dealt with");
    stop.cancel();
    worker.await.unwrap();
    sqlx::query_as("select status, coalesce(last_error, '') from job_runs where job_type = 'mail.send' order by id")
        .fetch_all(&app.reader)
        .await
        .unwrap()
}

#[tokio::test]
async fn without_smtp_mails_are_kept_and_can_be_read() {
    let app = testing::app().await;
    assert_eq!(mailbox::list(&app).await.unwrap(), []);
    let at = app.clock.now();
    queue(&app, "asha@example.com", PasswordChanged { name: "Asha <b>".to_owned(), at, told: None }).await;
    let told = Some("Fri 27 Nov 2026, 20:14 (Asia/Kolkata)".to_owned());
    let locked = AccountLocked { name: "Āsha".to_owned(), ip: "203.0.113.9".to_owned(), until: at, told };
    queue(&app, "asha@example.com", locked).await;
    let ended = work(&app).await;
    assert!(ended.iter().all(|(status, _)| status == "done"), "{ended:?}");

    let mails = mailbox::list(&app).await.unwrap();
    assert_eq!(mails.len(), 2);
    let changed = mails.iter().find(|mail| mail.subject == "Your password was changed").unwrap();
    assert_eq!(changed.to, "asha@example.com");
    assert!(changed.text.contains("Hello Asha <b>,"));
    assert!(changed.html.contains("Hello <bdi>Asha &lt;b&gt;</bdi>,"));
    assert!((changed.at.unwrap().0 - at.0).whole_seconds().abs() < 60);
    assert_eq!(&mailbox::read(&app, &changed.name).await.unwrap(), changed);
    let locked = mails.iter().find(|mail| mail.text.contains("Hello Āsha,")).expect("the other one");
    assert!(locked.text.contains("20:14 (Asia/Kolkata)") && !locked.text.contains("UTC"), "{}", locked.text);
    assert!(changed.text.contains("UTC"), "an older version has told of no clocks");
    for bad in ["../secret.eml", "/etc/passwd", ".x.eml", "no-such.eml", "a/b.eml", ""] {
        assert_eq!(mailbox::read(&app, bad).await.unwrap_err().code(), "not_found", "{bad}");
    }
}

#[tokio::test]
async fn mails_go_out_by_smtp() {
    let (url, mut received) = smtp_sink().await;
    let app = testing::app_with(&["--smtp-url", &url, "--mail-from", "Eventify <hello@eventify.example>"]).await;
    let link = new_uuid();
    queue(&app, "asha@example.com", PasswordReset { name: "Asha".to_owned(), link }).await;
    let at = app.clock.now();
    queue(&app, "nobody@example.com", PasswordChanged { name: "Nobody".to_owned(), at, told: None }).await;
    let ended = work(&app).await;
    assert_eq!(ended[0].0, "done", "{ended:?}");
    // Refused for good: dead at once, with what the server said.
    assert_eq!(ended[1].0, "dead", "{ended:?}");
    assert!(ended[1].1.contains("no such mailbox"), "{ended:?}");

    let mail = received.recv().await.unwrap();
    let mail = mail_parser::MessageParser::default().parse(mail.as_bytes()).unwrap().into_owned();
    assert_eq!(mail.subject(), Some("Choose a new password"));
    let token = links::token(&app.keys, link);
    assert!(mail.body_text(0).unwrap().contains(&token) && mail.body_html(0).unwrap().contains(&token));
    assert!(received.try_recv().is_err());
    // What queues the mail holds no token.
    let queued: String =
        sqlx::query_scalar("select string_agg(payload::text, '') from job_runs").fetch_one(&app.reader).await.unwrap();
    assert!(queued.contains(&link.to_string()) && !queued.contains(&token));
}

#[tokio::test]
async fn an_unreachable_server_is_tried_again() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    drop(listener);
    let app = testing::app_with(&["--smtp-url", &url]).await;
    queue(&app, "asha@example.com", PasswordChanged { name: "A".to_owned(), at: app.clock.now(), told: None }).await;
    let ended = work(&app).await;
    assert_eq!(ended[0].0, "retry", "{ended:?}");
}

#[tokio::test]
async fn bad_settings_name_themselves_and_keep_their_secrets() {
    let with = |settings: &[&str]| Mailer::new(&testing::config(std::path::Path::new("unused"), settings)).map(|_| ());
    for url in ["http://u:hunter2@x", "smtp.example.com", "smtps://", "x"] {
        let Err(error) = with(&["--smtp-url", url]) else { panic!("{url} was taken") };
        assert!(error.message().contains("SMTP_URL") && !error.message().contains("hunter2"), "{error}");
    }
    assert!(with(&["--mail-from", "nonsense"]).unwrap_err().message().contains("MAIL_FROM"));
    with(&["--smtp-url", "smtps://u:p@mail.example.com"]).unwrap();
}

/// A mail to these values, with nothing along.
fn filled(source: &str, values: &super::Values) -> super::render::Rendered {
    fill_in(source, values, &Blocks { event: None, enclosed: &Enclosed::default() })
}

#[tokio::test]
async fn a_header_is_one_line_whatever_people_typed() {
    let app = testing::app().await;
    let invited_by = "Boss\r\nBcc: x@y.z".to_owned();
    let partner = "Acme\r\nBcc: x@y.z".to_owned();
    let mail = PartnerAccess { name: "N".to_owned(), invited_by, partner }.into();
    let rendered = samples::shown(&app, &organisation::current(&app).await.unwrap(), None, &mail).unwrap();
    assert_eq!(rendered.subject, "You can now manage Acme Bcc: x@y.z on Eventify");
}

/// A mail with all that can go along.
#[derive(Debug, Serialize, Deserialize)]
struct Tickets {
    event: EventFacts,
}

impl Mail for Tickets {
    const KIND: &'static str = "tickets";
    const SOURCE: &'static str = "Your tickets for {{title}}\n\nHello {{name}},\n\n[[event]]\n\n[[codes]]";

    fn event(&self) -> Option<&EventFacts> {
        Some(&self.event)
    }
}

impl Says for Tickets {
    fn values(&self, _app: &App, _house: &Organisation) -> Values {
        self.event.values(samples::NAME, [])
    }
    fn enclosed_in_sample(&self) -> Result<Enclosed> {
        let code = |at| {
            let (label, typed) = (format!("Standard, {at} of 2"), format!("7KQ{at}-M2XD"));
            Code { label, typed, png: b"a png".to_vec() }
        };
        let calendar = Some("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n".to_owned());
        Ok(Enclosed { codes: vec![code(1), code(2)], calendar, giver: None })
    }
}

#[tokio::test]
async fn a_mail_wears_the_brand_and_carries_its_pictures_and_calendar() {
    let (url, mut received) = smtp_sink().await;
    let app = testing::app_with(&["--smtp-url", &url]).await;
    sqlx::query(
        "update organisation set name = 'Marigold & Co', primary_colour = '#7a1f5c', accent_colour = '#ffd166',
             reply_to = 'desk@marigold.example'",
    )
    .execute(&app.pool)
    .await
    .unwrap();
    let organisation = organisation::current(&app).await.unwrap();
    let mail = Tickets { event: EventFacts::sample() }.into();
    let rendered = samples::shown(&app, &organisation, Some(b"a jpeg".to_vec()), &mail).unwrap();
    assert!(rendered.html.contains("#7a1f5c") && rendered.html.contains("Marigold &amp; Co"), "{}", rendered.html);
    assert!(!rendered.html.contains("#2f4fd8") && !rendered.html.contains("Eventify"), "{}", rendered.html);
    let to = crate::kernel::text::Email::parse("rehana@example.com").unwrap();
    assert!(app.component::<crate::notify::Mailer>().send(new_uuid(), &to, rendered, app.clock.now()).await.is_ok());
    let mail = received.recv().await.unwrap();
    let mail = mail_parser::MessageParser::default().parse(mail.as_bytes()).unwrap().into_owned();
    let address = |list: Option<&mail_parser::Address<'_>>| {
        let one = list.and_then(|list| list.first()).expect("an address");
        (one.name().map(str::to_owned), one.address().unwrap_or_default().to_owned())
    };
    assert_eq!(address(mail.from()), (Some("Marigold & Co".to_owned()), "no-reply@localhost".to_owned()));
    assert_eq!(address(mail.reply_to()).1, "hello@marigold.example");
    let parts = mail.parts.iter().filter_map(|part| part.content_id()).collect::<Vec<_>>();
    assert_eq!(parts, ["logo", "ticket-1", "ticket-2"]);
    let html = mail.body_html(0).unwrap();
    assert!(parts.iter().all(|name| html.contains(&format!("cid:{name}"))), "{html}");
    let files: Vec<&str> = mail.attachments().filter_map(|part| part.attachment_name()).collect();
    assert!(files.contains(&"event.ics"), "{files:?}");
    // A code that is typed stands in the text as well.
    assert!(mail.body_text(0).unwrap().contains("Standard, 2 of 2: 7KQ2-M2XD"));
}

#[test]
fn people_s_words_keep_their_own_direction_and_leave_no_gaps() {
    let values = vec![("title", "حفل (VIP)".to_owned()), ("reason", "سبب".to_owned()), ("message", String::new())];
    let rendered = filled("S\n\nAbout {{title}}.\n\n{{message}}\n\n{{reason}}", &values);
    assert!(rendered.html.contains("<p>About <bdi>حفل (VIP)</bdi>.</p>\n<p dir=\"auto\">سبب</p>"), "{}", rendered.html);
    assert_eq!(rendered.text, "About حفل (VIP).\n\nسبب\n");
}

#[test]
fn values_are_never_markup_nor_placeholders() {
    let values = vec![("a", "{{b}}<script>".to_owned()), ("b", "secret".to_owned())];
    let rendered = filled("S {{a}}\n\nBody {{a}} & {{unknown}}x\n\n[Go]({{a}})", &values);
    assert!(!rendered.text.contains("secret") && !rendered.html.contains("secret"));
    assert!(rendered.html.contains("Body <bdi>{{b}}&lt;script&gt;</bdi> &amp; x"));
    assert!(!rendered.html.contains("<script>"));
    assert_eq!(escape("<a href=\"x\" id='y'>&"), "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;");
}

#[tokio::test]
async fn reuse_of_a_refresh_token_is_mailed_about_once() {
    let app = testing::app().await;
    let user = new_uuid();
    sqlx::query(
        "insert into admin_users (id, email, full_name, status) values ($1, 'asha@example.com', 'Asha', 'active')",
    )
    .bind(user)
    .execute(&mut app.owner().await)
    .await
    .unwrap();
    let consumer =
        inventory::iter::<consumers::Consumer>().find(|consumer| consumer.name == "notify.security").unwrap();
    consumers::ensure(&app, consumer).await.unwrap();
    for reason in ["logout", "refresh_reuse"] {
        sqlx::query(
            "insert into outbox_events (id, aggregate_type, aggregate_id, type, payload)
             values ($1, 'staff', $2, 'session.invalidated', $3)",
        )
        .bind(new_uuid())
        .bind(user.to_string())
        .bind(serde_json::json!({ "user_id": user, "session_id": null, "reason": reason }))
        .execute(&app.pool)
        .await
        .unwrap();
    }
    let taken = async {
        let mut taken = 0;
        while taken < 2 {
            relay::publish(&mut app.pool.acquire().await.unwrap()).await.unwrap();
            taken += usize::from(consumers::step(&app, consumer).await.unwrap());
        }
    };
    tokio::time::timeout(Duration::from_secs(20), taken).await.expect("both taken in");
    assert_eq!(work(&app).await.len(), 1);
    let mails = mailbox::list(&app).await.unwrap();
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].subject, "We ended one of your sessions");
}
