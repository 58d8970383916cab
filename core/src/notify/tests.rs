use std::time::Duration;

use mail_parser::MimeHeaders;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::enclosed::Enclosed;
use super::render::{Blocks, escape, fill_in, render};
use super::template::{Message, Template};
use super::{Mailer, mail, mailbox, samples};
use crate::access::links::{self, Purpose};
use crate::bus::{consumers, relay};
use crate::kernel::clock::new_uuid;
use crate::kernel::testing::{self, TestApp};
use crate::ops::worker;
use crate::organisation;

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

async fn queue(app: &TestApp, to: &str, template: Template) {
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
    queue(&app, "asha@example.com", Template::PasswordChanged { name: "Asha <b>".to_owned(), at }).await;
    let locked = Template::AccountLocked { name: "Āsha".to_owned(), ip: "203.0.113.9".to_owned(), until: at };
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
    assert!(mails.iter().any(|mail| mail.text.contains("Hello Āsha,")));
    for bad in ["../secret.eml", "/etc/passwd", ".x.eml", "no-such.eml", "a/b.eml", ""] {
        assert_eq!(mailbox::read(&app, bad).await.unwrap_err().code(), "not_found", "{bad}");
    }
}

#[tokio::test]
async fn mails_go_out_by_smtp() {
    let (url, mut received) = smtp_sink().await;
    let app = testing::app_with(&["--smtp-url", &url, "--mail-from", "Eventify <hello@eventify.example>"]).await;
    let link = new_uuid();
    queue(&app, "asha@example.com", Template::PasswordReset { name: "Asha".to_owned(), link }).await;
    let at = app.clock.now();
    queue(&app, "nobody@example.com", Template::PasswordChanged { name: "Nobody".to_owned(), at }).await;
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
    queue(&app, "asha@example.com", Template::PasswordChanged { name: "A".to_owned(), at: app.clock.now() }).await;
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
fn filled(source: &str, values: &super::template::Values) -> super::render::Rendered {
    fill_in(source, values, &Blocks { event: None, enclosed: &Enclosed::default() })
}

async fn sample(app: &TestApp, mail: &Template) -> super::render::Rendered {
    let house = organisation::current(app).await.unwrap();
    render(app, &house, None, mail, samples::enclosed(mail).unwrap())
}

#[tokio::test]
async fn every_template_is_whole() {
    let app = testing::app_with(&["--public-url", "https://events.example.com"]).await;
    let house = organisation::current(&app).await.unwrap();
    let at = app.clock.now();
    for template in samples::all(at) {
        let rendered = sample(&app, &template).await;
        for part in [&rendered.subject, &rendered.text, &rendered.html] {
            assert!(!["{{", "}}", "[["].iter().any(|left| part.contains(left)), "{part}");
        }
        assert!(!rendered.subject.contains(['\r', '\n']) && !rendered.subject.is_empty());
        // To an address that may be a stranger's nobody's own words are sent.
        let name = "Rehana Sethi";
        if !matches!(template, Template::EmailVerification { .. }) {
            assert!(rendered.text.contains(&format!("Hello {name},")), "{}", rendered.text);
            assert!(rendered.html.contains(&format!("Hello <bdi>{name}</bdi>,")), "{}", rendered.html);
        }
        // No sentence begins small, whoever greets before it.
        let small = |p: &str| p.starts_with(|c: char| c.is_lowercase() && c.is_ascii()) && !p.starts_with("https://");
        assert!(!rendered.text.split("\n\n").any(small), "{}", rendered.text);
        let of_all = ["site", "house", "questions"];
        for (used, _) in template.values(&app, &house).iter().filter(|(name, _)| !of_all.contains(name)) {
            let in_block = ["title", "when", "place", "organiser", "slug"].contains(used);
            let source = format!("{} {}", template.source(), template.in_short().unwrap_or_default());
            let said = source.contains(&format!("{{{{{used}}}}}"));
            assert!(
                said || in_block && template.source().contains("[[event]]") || *used == "invited_by",
                "{used} is used"
            );
        }
        for placeholder in template.source().split("{{").skip(1) {
            let placeholder = placeholder.split("}}").next().unwrap();
            let values = template.values(&app, &house);
            assert!(values.iter().any(|(known, _)| *known == placeholder), "{placeholder} is known");
        }
        let purpose = match template {
            Template::Invitation { link, .. } => Some((link, Purpose::Invitation)),
            Template::PasswordReset { link, .. } => Some((link, Purpose::PasswordReset)),
            Template::EmailVerification { link } => Some((link, Purpose::EmailVerification)),
            _ => None,
        };
        if let Some((link, purpose)) = purpose {
            assert!(rendered.text.contains(&links::url(&app, link, purpose)));
        }
        if let Some(event) = template.event() {
            for fact in [&event.title, &event.when, &event.place, &"Organised by Marigold Halls".to_owned()] {
                assert!(rendered.text.contains(fact) && rendered.html.contains(fact), "{fact}: {}", rendered.text);
            }
            assert_eq!(rendered.reply_to.as_deref(), Some("hello@marigold.example"));
        }
        // What waits in the queue is read as it was written.
        let read: Template = serde_json::from_value(serde_json::to_value(&template).unwrap()).unwrap();
        assert_eq!(read, template);
    }
}

#[tokio::test]
async fn a_header_is_one_line_whatever_people_typed() {
    let app = testing::app().await;
    let invited_by = "Boss\r\nBcc: x@y.z".to_owned();
    let partner = "Acme\r\nBcc: x@y.z".to_owned();
    let mail = Template::PartnerAccess { name: "N".to_owned(), invited_by, partner };
    let rendered = sample(&app, &mail).await;
    assert_eq!(rendered.subject, "You can now manage Acme Bcc: x@y.z on Eventify");
}

#[tokio::test]
async fn what_guests_are_told_is_whole_by_mail_and_by_text_message() {
    let app = testing::app_with(&["--public-url", "https://events.example.com"]).await;
    let house = organisation::current(&app).await.unwrap();
    let at = app.clock.now();
    for notice in samples::to_guests(at) {
        let mail = sample(&app, &notice).await;
        let message = Message::Notice { notice: notice.clone() };
        let text = message.body(&app, &house, at).expect("a text message");
        for part in [&mail.subject, &mail.text, &mail.html, &text] {
            assert!(!part.contains("{{") && !part.contains("}}"), "{part}");
        }
        assert!(text.contains("Lantern Night"), "{text}");
        assert!(!text.contains('\n') && text.len() < 320, "{text}");
        // Words of the organiser go only to those who have written first.
        let answered = matches!(
            notice,
            Template::TicketsIssued { .. } | Template::RequestAccepted { .. } | Template::RequestDeclined { .. }
        );
        assert_eq!(text.contains("Bring a lantern"), answered, "{text}");
        let linked = matches!(notice, Template::TicketsIssued { .. } | Template::GuestTakenOff { .. });
        assert_eq!(text.contains("https://events.example.com/t/"), linked || text.contains("stay valid"), "{text}");
        let read: Message = serde_json::from_value(serde_json::to_value(&message).unwrap()).unwrap();
        assert_eq!(read, message);
    }
    // The email address of an account is not proven: its mails lead to where the phone is asked for.
    let mut own = samples::to_guests(at).remove(0);
    if let Template::TicketsIssued { event, .. } = &mut own {
        event.account = true;
    }
    let mail = sample(&app, &own).await;
    assert!(mail.text.contains("https://events.example.com/my") && !mail.text.contains("/t/"), "{}", mail.text);
    let offer = samples::to_guests(at).remove(1);
    assert!(sample(&app, &offer).await.text.contains("1 seat is held for you until"));
    // What an older version has queued is still read.
    for (sample, new) in [(5, &["attendee", "generation", "left"][..]), (4, &["invite"])] {
        let mut older = serde_json::to_value(samples::to_guests(at).remove(sample)).unwrap();
        older.as_object_mut().unwrap().retain(|name, _| !new.contains(&name.as_str()));
        older["event"].as_object_mut().unwrap().retain(|name, _| !["organiser", "reply_to"].contains(&name.as_str()));
        assert!(serde_json::from_value::<Template>(older).is_ok());
    }
}

#[tokio::test]
async fn what_crew_are_told_leads_to_their_own_page() {
    let app = testing::app_with(&["--public-url", "https://events.example.com"]).await;
    let house = organisation::current(&app).await.unwrap();
    let at = app.clock.now();
    let link = super::crew::url(&app, uuid::Uuid::nil(), 1);
    for notice in samples::to_crew() {
        let mail = sample(&app, &notice).await;
        let text = Message::Notice { notice }.body(&app, &house, at).expect("a text message");
        for part in [&mail.text, &text] {
            assert!(part.contains(&link) && part.contains("Gate steward"), "{part}");
        }
        assert!(!text.contains("{{") && !text.contains('\n') && text.len() < 320, "{text}");
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
    let house = organisation::current(&app).await.unwrap();
    let mail = samples::to_guests(app.clock.now()).remove(0);
    let mut enclosed = samples::enclosed(&mail).unwrap();
    assert_eq!(enclosed.codes.len(), 2);
    enclosed.calendar = Some("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n".to_owned());
    let logo = Some(b"a jpeg".to_vec());
    let rendered = render(&app, &house, logo, &mail, enclosed);
    assert!(rendered.html.contains("#7a1f5c") && rendered.html.contains("Marigold &amp; Co"), "{}", rendered.html);
    assert!(!rendered.html.contains("#2f4fd8") && !rendered.html.contains("Eventify"), "{}", rendered.html);
    let to = crate::kernel::text::Email::parse("rehana@example.com").unwrap();
    assert!(app.mailer.send(new_uuid(), &to, rendered, app.clock.now()).await.is_ok());
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
