use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::render::{escape, fill_in, render};
use super::template::{EventFacts, Message, PartnerFacts, Template};
use super::{Mailer, mail, mailbox};
use crate::access::links::{self, Purpose};
use crate::bus::{consumers, relay};
use crate::kernel::clock::new_uuid;
use crate::kernel::testing::{self, TestApp};
use crate::kernel::timestamp::Timestamp;
use crate::ops::worker;

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

#[tokio::test]
async fn every_template_is_whole() {
    let app = testing::app_with(&["--public-url", "https://events.example.com"]).await;
    let (name, at, link) = ("N".to_owned(), app.clock.now(), new_uuid());
    let (ip, platform) = ("203.0.113.9".to_owned(), "Mac".to_owned());
    let invited_by = "Boss\r\nBcc: x@y.z".to_owned();
    let partner = || PartnerFacts { id: link, name: "Harbour & Sons".to_owned() };
    let reason = "The picture is blurred.\nPlease scan it.".to_owned();
    for template in [
        Template::PartnerAccess { name: name.clone(), invited_by: invited_by.clone(), partner: "Acme".to_owned() },
        Template::EmailChanged { name: name.clone(), at },
        Template::Invitation { name: name.clone(), invited_by, role: "Author".to_owned(), link },
        Template::PasswordReset { name: name.clone(), link },
        Template::EmailVerification { link },
        Template::PasswordChanged { name: name.clone(), at },
        Template::SessionsEnded { name: name.clone(), at },
        Template::AccountLocked { name: name.clone(), ip: ip.clone(), until: at },
        Template::NewDeviceSignIn { name: name.clone(), platform, ip, at },
        Template::DocumentApproved {
            name: name.clone(),
            partner: partner(),
            document: "Company registration".to_owned(),
        },
        Template::DocumentRejected {
            name: name.clone(),
            partner: partner(),
            document: "Company registration".to_owned(),
            reason: reason.clone(),
        },
        Template::PartnerVerified { name: name.clone(), partner: partner() },
        Template::PartnerSuspended { name: name.clone(), partner: partner(), reason: reason.clone() },
        Template::PartnerReactivated { name: name.clone(), partner: partner() },
        Template::BankAccountVerified { name: name.clone(), partner: partner(), last_four: "0042".to_owned() },
        Template::BankAccountRejected {
            name: name.clone(),
            partner: partner(),
            last_four: "0042".to_owned(),
            reason: reason.clone(),
        },
    ] {
        let rendered = render(&app, &template);
        for part in [&rendered.subject, &rendered.text, &rendered.html] {
            assert!(!part.contains("{{") && !part.contains("}}"), "{part}");
        }
        assert!(!rendered.subject.contains(['\r', '\n']) && !rendered.subject.is_empty());
        // To an address that may be a stranger's nobody's own words are sent.
        if !matches!(template, Template::EmailVerification { .. }) {
            assert!(rendered.text.contains("Hello N,") && rendered.html.contains("Hello <bdi>N</bdi>,"));
        }
        for (used, _) in template.values(&app).iter().filter(|(name, _)| *name != "site") {
            assert!(template.source().contains(&format!("{{{{{used}}}}}")), "{used} is used");
        }
        for placeholder in template.source().split("{{").skip(1) {
            let placeholder = placeholder.split("}}").next().unwrap();
            assert!(template.values(&app).iter().any(|(known, _)| *known == placeholder), "{placeholder} is known");
        }
        if template.source().contains("{{link}}") {
            let purpose = match template {
                Template::Invitation { .. } => Purpose::Invitation,
                Template::EmailVerification { .. } => Purpose::EmailVerification,
                _ => Purpose::PasswordReset,
            };
            assert!(rendered.text.contains(&links::url(&app, link, purpose)));
        }
        // What waits in the queue is read as it was written.
        let read: Template = serde_json::from_value(serde_json::to_value(&template).unwrap()).unwrap();
        assert_eq!(read, template);
    }
}

/// What guests are told, with a sample of each.
fn told_to_guests(at: Timestamp) -> Vec<Template> {
    let (name, attendee, generation) = ("N".to_owned(), new_uuid(), 1);
    let event = || EventFacts {
        event: attendee,
        title: "Kites on\nthe roof".to_owned(),
        slug: "kites-on-the-roof".to_owned(),
        when: "Sat 5 Dec 2026, 19:30".to_owned(),
        place: "Pune".to_owned(),
        until: Some("Fri 4 Dec 2026, 12:00 IST (GMT+5:30)".to_owned()),
        account: false,
    };
    let message = "Bring string".to_owned();
    vec![
        Template::TicketsIssued {
            name: name.clone(),
            event: event(),
            ticket_type: "Standard".to_owned(),
            seats: 2,
            message: message.clone(),
            attendee,
            generation,
        },
        Template::SeatsOffered { name: name.clone(), event: event(), seats: 1, until: at },
        Template::RequestAccepted { name: name.clone(), event: event(), message: message.clone(), until: at },
        Template::RequestDeclined { name: name.clone(), event: event(), message: message.clone() },
        Template::EventInvitation { name: name.clone(), event: event(), message: message.clone() },
        Template::GuestTakenOff {
            name: name.clone(),
            event: event(),
            reason: message.clone(),
            attendee,
            generation,
            left: 0,
        },
        Template::EventCancelled { name: name.clone(), event: event(), reason: message.clone(), tickets: true },
        Template::WaitingListClosed { name: name.clone(), event: event(), ticket_type: "Standard".to_owned() },
        Template::EventRescheduled { name, event: event(), attendee, generation, until: at },
    ]
}

#[tokio::test]
async fn what_guests_are_told_is_whole_by_mail_and_by_text_message() {
    let app = testing::app_with(&["--public-url", "https://events.example.com"]).await;
    let at = app.clock.now();
    for notice in told_to_guests(at) {
        let mail = render(&app, &notice);
        let message = Message::Notice { notice: notice.clone() };
        let text = message.body(&app, at).expect("a text message");
        for part in [&mail.subject, &mail.text, &mail.html, &text] {
            assert!(!part.contains("{{") && !part.contains("}}"), "{part}");
        }
        assert!(mail.text.contains("Hello N,") && text.contains("Kites on the roof"), "{text}");
        assert!(!text.contains('\n') && text.len() < 320, "{text}");
        // Words of the organiser go only to those who have written first.
        let answered = matches!(
            notice,
            Template::TicketsIssued { .. } | Template::RequestAccepted { .. } | Template::RequestDeclined { .. }
        );
        assert_eq!(text.contains("Bring string"), answered, "{text}");
        let linked = matches!(notice, Template::TicketsIssued { .. } | Template::GuestTakenOff { .. });
        assert_eq!(text.contains("https://events.example.com/t/"), linked || text.contains("stay valid"), "{text}");
        let read: Message = serde_json::from_value(serde_json::to_value(&message).unwrap()).unwrap();
        assert_eq!(read, message);
    }
    // The email address of an account is not proven: its mails lead to where the phone is asked for.
    let mut own = told_to_guests(at).remove(0);
    if let Template::TicketsIssued { event, .. } = &mut own {
        event.account = true;
    }
    let mail = render(&app, &own);
    assert!(mail.text.contains("https://events.example.com/my") && !mail.text.contains("/t/"), "{}", mail.text);
    let offer = told_to_guests(at).remove(1);
    assert!(render(&app, &offer).text.contains("1 seat is held for you until"));
    // What an older version has queued is still read.
    let mut older = serde_json::to_value(told_to_guests(at).remove(5)).unwrap();
    older.as_object_mut().unwrap().retain(|name, _| !["attendee", "generation", "left"].contains(&name.as_str()));
    assert!(serde_json::from_value::<Template>(older).is_ok());
}

#[test]
fn people_s_words_keep_their_own_direction_and_leave_no_gaps() {
    let values = vec![("title", "حفل (VIP)".to_owned()), ("reason", "سبب".to_owned()), ("message", String::new())];
    let rendered = fill_in("S\n\nAbout {{title}}.\n\n{{message}}\n\n{{reason}}", &values);
    assert!(rendered.html.contains("<p>About <bdi>حفل (VIP)</bdi>.</p>\n<p dir=\"auto\">سبب</p>"), "{}", rendered.html);
    assert_eq!(rendered.text, "About حفل (VIP).\n\nسبب\n");
}

#[test]
fn values_are_never_markup_nor_placeholders() {
    let values = vec![("a", "{{b}}<script>".to_owned()), ("b", "secret".to_owned())];
    let rendered = fill_in("S {{a}}\n\nBody {{a}} & {{unknown}}x\n\n[Go]({{a}})", &values);
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
    assert_eq!(mails[0].subject, "We ended a session of yours");
}
