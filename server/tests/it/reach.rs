//! What somebody was given reaches no further than its ground: keys, links, invitations, permissions, pages.

use reqwest::Method;
use serde_json::{Value, json};

use eventify::access::start::mirror_catalogue;

use crate::access::{link, work};
use crate::partners::{partner, text, within};
use crate::support::{PASSWORD, Person, Site, read};

/// A role with these permissions, and somebody signed in who holds it.
async fn holder(site: &Site, admin: &Person, name: &str, permissions: &[&str]) -> (Person, Value) {
    let role = admin.post("/admin/roles", json!({ "name": name, "permissions": permissions })).await.expect(201);
    let email = format!("{}@example.com", text(&role, "code"));
    (site.person(&email, text(&role, "code")).await, role)
}

/// A key with this scope, and the program that uses it.
pub async fn key(site: &Site, maker: &Person, scope: &[&str]) -> (Value, Person) {
    let made = maker.post("/admin/api-keys", json!({ "key_name": "Reports", "scope": scope })).await.expect(201);
    let program = Person { token: made["secret"].as_str().map(str::to_owned), ..site.anonymous() };
    (made["key"].clone(), program)
}

async fn set_role(admin: &Person, who: &Person, role: &str) {
    let path = format!("/admin/users/{}", who.id);
    let version = admin.get(&path).await.expect(200)["version"].clone();
    admin.patch(&format!("{path}/role"), json!({ "role_id": role, "version": version })).await.expect(200);
}

#[tokio::test]
async fn a_key_reaches_no_further_than_its_maker_and_ends_with_the_account() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let all = ["staff.read", "staff.manage", "roles.read", "roles.manage", "apikeys.manage"];
    let (lead, role) = holder(&site, &admin, "Lead", &all).await;
    let (made, program) = key(&site, &lead, &["roles.manage", "roles.read", "staff.read"]).await;
    let new_role = |name: &str| json!({ "name": name });
    program.post("/admin/roles", new_role("One")).await.expect(201);

    // Its maker is given less: so is the key, at once; and it says so.
    let less = admin.post("/admin/roles", json!({ "name": "Less", "permissions": ["roles.read"] })).await.expect(201);
    set_role(&admin, &lead, text(&less, "id")).await;
    program.post("/admin/roles", new_role("Two")).await.refused(403, "forbidden");
    program.rows("/admin/roles").await;
    let listed = admin.get("/admin/api-keys").await.expect(200)["items"][0].clone();
    assert_eq!((&listed["lost"], &listed["active"]), (&json!(["staff.read", "roles.manage"]), &json!(true)));
    // The role itself is given less, or asks for a second factor its maker has not.
    set_role(&admin, &lead, text(&role, "id")).await;
    program.post("/admin/roles", new_role("Two")).await.expect(201);
    let path = format!("/admin/roles/{}", text(&role, "id"));
    let version = admin.get(&path).await.expect(200)["version"].clone();
    let strict = admin.patch(&path, json!({ "requires_2fa": true, "version": version })).await.expect(200);
    program.post("/admin/roles", new_role("Three")).await.refused(403, "forbidden");
    let lax = json!({ "requires_2fa": false, "version": strict["version"] });
    admin.patch(&path, lax).await.expect(200);
    program.post("/admin/roles", new_role("Three")).await.expect(201);

    // The account is closed: whoever closes it sees what ends, and it does not come back with the account.
    let account = admin.get(&format!("/admin/users/{}", lead.id)).await.expect(200);
    assert_eq!(account["api_keys"], json!(["Reports"]));
    let gone = admin.delete(&format!("/admin/users/{}", lead.id)).await.expect(200);
    assert_eq!(gone["api_keys"], json!([]));
    program.post("/admin/roles", new_role("Four")).await.refused(401, "unauthenticated");
    let back = json!({ "role_id": role["id"], "version": gone["version"] });
    admin.post(&format!("/admin/users/{}/reactivate", lead.id), back).await.expect(200);
    let accept = json!({ "token": link(&site, "invitation").await, "full_name": "Back", "password": PASSWORD });
    site.anonymous().post("/auth/invitation/accept", accept).await.expect(204);
    program.post("/admin/roles", new_role("Four")).await.refused(401, "unauthenticated");
    let listed = admin.get("/admin/api-keys").await.expect(200)["items"][0].clone();
    assert!(listed["id"] == made["id"] && listed["revoked_at"].is_string(), "{listed}");
}

#[tokio::test]
async fn a_key_whose_maker_was_closed_by_an_older_version_is_refused() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (_, program) = key(&site, &admin, &["roles.manage"]).await;
    sqlx::query("update admin_users set status = 'inactive'").execute(&mut site.test.owner().await).await.unwrap();
    program.post("/admin/roles", json!({ "name": "One" })).await.refused(401, "unauthenticated");
    let listed: bool = sqlx::query_scalar("select active from api_keys").fetch_one(&site.test.reader).await.unwrap();
    assert!(listed, "nobody ended it");
}

#[tokio::test]
async fn a_key_is_revoked_by_who_holds_what_it_holds() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (keeper, _) = holder(&site, &admin, "Keeper", &["apikeys.manage", "staff.read"]).await;
    let (strong, program) = key(&site, &admin, &["audit.read", "staff.read"]).await;
    let (weak, _) = key(&site, &admin, &["staff.read"]).await;
    keeper.delete(&format!("/admin/api-keys/{}", text(&strong, "id"))).await.refused(403, "forbidden");
    program.get("/admin/users").await.expect(200);
    keeper.delete(&format!("/admin/api-keys/{}", text(&weak, "id"))).await.expect(200);
    let again = admin.delete(&format!("/admin/api-keys/{}", text(&weak, "id"))).await;
    again.refused(409, "invalid_transition");
    admin.delete(&format!("/admin/api-keys/{}", text(&strong, "id"))).await.expect(200);
}

/// Asks for a new password; the token of the link in the mail.
async fn forgot(site: &Site, email: &str) -> String {
    site.anonymous().post("/auth/password/forgot", json!({ "email": email })).await.expect(204);
    work(site).await;
    link(site, "password_reset").await
}

#[tokio::test]
async fn a_password_link_dies_with_the_password_and_with_the_address() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let person = site.person("old@example.com", "auditor").await;
    let reset = |token: String| json!({ "token": token, "password": "the words of a thief" });
    let visitor = site.anonymous();

    let token = forgot(&site, &person.email).await;
    let change = json!({ "current_password": PASSWORD, "new_password": "another long phrase" });
    person.post("/auth/password/change", change).await.expect(204);
    visitor.post("/auth/password/reset", reset(token)).await.refused(410, "link_invalid");

    let token = forgot(&site, &person.email).await;
    let path = format!("/admin/users/{}", person.id);
    let version = admin.get(&path).await.expect(200)["version"].clone();
    let renamed = json!({ "full_name": "Other Name", "version": version });
    let renamed = admin.patch(&path, renamed).await.expect(200);
    let moved = json!({ "email": "new@example.com", "version": renamed["version"] });
    admin.patch(&path, moved).await.expect(200);
    visitor.post("/auth/password/reset", reset(token)).await.refused(410, "link_invalid");
    work(&site).await;
    let mails = eventify::notify::mailbox::list(&site.test).await.expect("the mail-box");
    let told: Vec<&str> =
        mails.iter().filter(|m| m.subject == "Your email address was changed").map(|m| m.to.as_str()).collect();
    assert_eq!(told, ["old@example.com"]);
    // The new address gets a link that works.
    let token = forgot(&site, "new@example.com").await;
    visitor.post("/auth/password/reset", reset(token)).await.expect(204);
}

#[tokio::test]
async fn asking_for_a_link_is_the_same_work_for_every_address() {
    let site = Site::start().await;
    let person = site.account("known@example.com", "auditor").await;
    let closed = site.account("closed@example.com", "auditor").await;
    site.admin().await.delete(&format!("/admin/users/{}", closed.id)).await.expect(200);
    for (n, email) in [person.email.as_str(), closed.email.as_str(), "unknown@example.com"].into_iter().enumerate() {
        site.anonymous().post("/auth/password/forgot", json!({ "email": email })).await.expect(204);
        let jobs = site.number("select count(*) from job_runs where job_type = 'access.reset_link'").await;
        assert_eq!(jobs, n as i64 + 1, "{email}");
        assert_eq!(site.number("select count(*) from auth_tokens where purpose = 'password_reset'").await, 0);
    }
    work(&site).await;
    assert_eq!(site.number("select count(*) from auth_tokens where purpose = 'password_reset'").await, 1);
    let mails = eventify::notify::mailbox::list(&site.test).await.expect("the mail-box");
    assert_eq!(mails.iter().map(|mail| mail.to.as_str()).collect::<Vec<_>>(), ["known@example.com"]);
}

#[tokio::test]
async fn an_invitation_to_nothing_is_void() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let made = partner(&admin, "Harbour Hall").await;
    let path = format!("/partners/{}/contacts", text(&made, "id"));
    let input = json!({ "name": "Early", "email": "early@example.com", "invite": true });
    let contact = admin.post(&path, input.clone()).await.expect(201);
    let token = link(&site, "invitation").await;
    let shown = site.anonymous().get(&format!("/auth/invitation?token={token}")).await.expect(200);
    assert_eq!(shown["role"], "Partner at Harbour Hall");
    admin.delete(&format!("{path}/{}", text(&contact, "id"))).await.expect(204);
    let visitor = site.anonymous();
    let accept = |token: String| json!({ "token": token, "full_name": "Early", "password": PASSWORD });
    visitor.get(&format!("/auth/invitation?token={token}")).await.refused(410, "link_invalid");
    visitor.post("/auth/invitation/accept", accept(token.clone())).await.refused(410, "link_invalid");
    let roleless = "select count(*) from admin_users u where status = 'active' and not exists
        (select 1 from user_role_assignments a where a.user_id = u.id and a.revoked_at is null)";
    assert_eq!(site.number(roleless).await, 0);
    // Invited anew, it works again.
    admin.post(&path, input).await.expect(201);
    let again = link(&site, "invitation").await;
    assert_ne!(again, token);
    visitor.post("/auth/invitation/accept", accept(again)).await.expect(204);

    // The same where a role within an event was all there was.
    let event = crate::fixtures::draft(&site, &admin, 10).await["id"].clone();
    let role = site.role("gate_staff").await;
    let invite = json!({ "email": "gate@example.com", "full_name": "Gate", "role_id": role, "event_id": event });
    let staff = admin.post("/admin/users", invite).await.expect(201);
    let token = link(&site, "invitation").await;
    let path = format!("/admin/users/{}/assignments", text(&staff, "id"));
    let open = admin.rows(&path).await[0]["id"].clone();
    admin.delete(&format!("{path}/{}", open.as_str().unwrap())).await.expect(204);
    visitor.post("/auth/invitation/accept", accept(token)).await.refused(410, "link_invalid");
}

#[tokio::test]
async fn a_colleague_is_invited_into_an_event_and_is_nowhere_else() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let event = crate::fixtures::draft(&site, &admin, 10).await;
    let made = partner(&admin, "Harbour Hall").await;
    for (role, field) in
        [("gate_staff", "event_id"), ("gate_supervisor", "event_id"), ("partner", "partner_id"), ("talent", "role_id")]
    {
        let bare = json!({ "email": "x@example.com", "full_name": "X", "role_id": site.role(role).await });
        let refused = admin.post("/admin/users", bare).await;
        refused.refused(422, "invalid_input");
        assert!(refused.body["errors"][field].is_array(), "{role}: {}", refused.body);
    }
    let gate = site.role("gate_staff").await;
    let both = json!({ "email": "x@example.com", "full_name": "X", "role_id": gate, "event_id": event["id"], "partner_id": made["id"] });
    let refused = admin.post("/admin/users", both).await;
    refused.refused(422, "invalid_input");
    let nowhere = json!({ "email": "x@example.com", "full_name": "X", "role_id": gate, "event_id": made["id"] });
    admin.post("/admin/users", nowhere).await.refused(422, "unknown_reference");
    assert_eq!(site.number("select count(*) from admin_users where email = 'x@example.com'").await, 0);

    let input = json!({ "email": "g@example.com", "full_name": "Gabi", "role_id": gate, "event_id": event["id"] });
    let staff = admin.post("/admin/users", input).await.expect(201);
    let expected = format!("Gate Staff at {}", text(&event, "title"));
    assert_eq!((&staff["role_id"], &staff["scoped_roles"]), (&Value::Null, &json!([expected])));
    work(&site).await;
    let mails = eventify::notify::mailbox::list(&site.test).await.expect("the mail-box");
    assert!(mails.iter().any(|m| m.to == "g@example.com" && m.text.contains(&expected)), "the mail names the event");
    assert_eq!(
        site.number(
            "select count(*) from user_role_assignments a join admin_users u on u.id = a.user_id
        where u.email = 'g@example.com' and num_nonnulls(a.event_id, a.partner_id, a.talent_id) = 0"
        )
        .await,
        0
    );
    let token = link(&site, "invitation").await;
    let accept = json!({ "token": token, "full_name": "Gabi", "password": PASSWORD });
    site.anonymous().post("/auth/invitation/accept", accept).await.expect(204);
    let mut gabi = Person { email: "g@example.com".to_owned(), ..site.anonymous() };
    gabi.sign_in().await;
    let me = gabi.get("/auth/me").await.expect(200);
    assert_eq!((&me["permissions"], &me["scopes"][0]["event_id"]), (&json!([]), &event["id"]));

    // Nor later: a role of that kind is never given everywhere.
    let person = site.account("p@example.com", "auditor").await;
    let version = admin.get(&format!("/admin/users/{}", person.id)).await.expect(200)["version"].clone();
    let change = json!({ "role_id": gate, "version": version });
    let refused = admin.patch(&format!("/admin/users/{}/role", person.id), change).await;
    refused.refused(422, "invalid_input");
    let gone = admin.delete(&format!("/admin/users/{}", person.id)).await.expect(200);
    let back = json!({ "role_id": gate, "version": gone["version"] });
    let path = format!("/admin/users/{}/reactivate", person.id);
    admin.post(&path, back).await.refused(422, "invalid_input");
    let back = json!({ "role_id": gate, "event_id": event["id"], "version": gone["version"] });
    assert_eq!(admin.post(&path, back).await.expect(200)["scoped_roles"], json!([expected]));
    let nobody = json!({ "role_id": site.role("auditor").await, "talent_id": made["id"] });
    let refused = admin.post(&format!("/admin/users/{}/assignments", person.id), nobody).await;
    refused.refused(422, "invalid_input");
    assert!(refused.body["errors"]["talent_id"].is_array(), "{}", refused.body);
}

#[tokio::test]
async fn processes_that_know_more_or_fewer_permissions_live_side_by_side() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let made = admin.post("/admin/roles", json!({ "name": "Pilot", "permissions": ["bus.read"] })).await.expect(201);
    let mut owner = site.test.owner().await;
    // A newer process knows of rockets, and somebody let two roles launch them.
    sqlx::raw_sql(
        "insert into permissions (id, name, group_name, position) values ('rockets.launch', 'Launch', 'Rockets', 999);
         insert into role_permissions (role_id, permission_id)
             select id, 'rockets.launch' from roles where code in ('pilot', 'super_admin')",
    )
    .execute(&mut owner)
    .await
    .unwrap();
    // This one, which does not, starts, and somebody changes the role there.
    mirror_catalogue(&site.test).await.expect("it starts");
    let path = format!("/admin/roles/{}", text(&made, "id"));
    let role = admin.get(&path).await.expect(200);
    assert_eq!(role["permissions"], json!(["bus.read"]), "what is not known is not shown");
    let change = json!({ "permissions": ["logs.read"], "version": role["version"] });
    admin.put(&format!("{path}/permissions"), change).await.expect(200);
    // Even what a released version does at its start.
    sqlx::query("delete from permissions where id = 'rockets.launch'").execute(&site.test.pool).await.unwrap();
    let grants = "select count(*) from role_permissions where permission_id = 'rockets.launch'";
    assert_eq!(site.number(grants).await, 2);
    admin.get("/auth/me").await.expect(200);

    // A permission that is new to the database is given to the system roles it belongs to, once.
    sqlx::raw_sql(
        "alter table permissions disable trigger permissions_stay;
         delete from permissions where id = 'logs.read';
         alter table permissions enable trigger permissions_stay",
    )
    .execute(&mut owner)
    .await
    .unwrap();
    let auditors = "select count(*) from role_permissions p join roles r on r.id = p.role_id
        where p.permission_id = 'logs.read' and r.code = 'auditor'";
    assert_eq!(site.number(auditors).await, 0);
    mirror_catalogue(&site.test).await.expect("it starts");
    assert_eq!(site.number(auditors).await, 1);
    let path = format!("/admin/roles/{}", site.role("auditor").await);
    let role = admin.get(&path).await.expect(200);
    let less: Vec<&Value> = role["permissions"].as_array().unwrap().iter().filter(|p| **p != "logs.read").collect();
    let change = json!({ "permissions": less, "version": role["version"] });
    admin.put(&format!("{path}/permissions"), change).await.expect(200);
    mirror_catalogue(&site.test).await.expect("it starts");
    assert_eq!(site.number(auditors).await, 0, "what was taken away stays away");
}

#[tokio::test]
async fn a_page_is_opened_by_who_may_do_what_it_is_for() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let made = partner(&admin, "Harbour Hall").await;
    let everything: Vec<&str> = eventify::kernel::permissions::Permission::ALL.iter().map(|p| p.code()).collect();
    let contact = within(&site, &admin, &made, "own@example.com", &everything).await;
    let (powerless, _) = holder(&site, &admin, "Nobody", &[]).await;
    let open = async |who: &Person, path: &str| {
        let page =
            who.http.request(Method::GET, format!("{}{path}", site.url)).bearer_auth(who.token.as_ref().unwrap());
        read(page.send().await.expect("an answer")).await.status.as_u16()
    };
    let mut seen = (0, 0);
    for page in app::pages::PAGES.iter().filter(|page| page.permission.is_some()) {
        let path: String = page
            .path
            .split('/')
            .map(|part| match part.starts_with('{') {
                true => text(&made, "id"),
                false => part,
            })
            .collect::<Vec<_>>()
            .join("/");
        assert_eq!(open(&powerless, &path).await, 403, "{path} without its permission");
        seen.0 += 1;
        if page.everywhere {
            assert_eq!(open(&contact, &path).await, 403, "{path} with its permission at a partner alone");
            seen.1 += 1;
        }
    }
    assert!(seen.0 > 30 && seen.1 > 20, "{seen:?}");
    for path in ["/api-keys/new", "/partners/new", "/team/invite", "/roles/new"] {
        assert_eq!(open(&admin, path).await, 200, "{path}");
    }
    assert_eq!(open(&contact, "/events/new").await, 200);
}
