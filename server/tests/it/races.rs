//! Many at once.

use eventify::kernel::permissions::SUPER_ADMIN;
use futures::future::join_all;
use serde_json::json;

use crate::support::Site;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_32_patches_with_one_version_one_wins() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let target = site.account("target@example.com", "auditor").await;
    let path = format!("/admin/users/{}", target.id);
    let version = admin.get(&path).await.expect(200)["version"].clone();
    let audits = site.number("select count(*) from audit_logs").await;
    let calls = (0..32).map(|i| {
        let (admin, path, version) = (admin.clone(), path.clone(), version.clone());
        async move { admin.patch(&path, json!({ "full_name": format!("Name {i}"), "version": version })).await }
    });
    let answers = join_all(calls).await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(|a| a.status == 200);
    assert_eq!((won.len(), lost.len()), (1, 31));
    for answer in lost {
        answer.refused(409, "conflict");
        assert_eq!(answer.body["current"]["full_name"], won[0].body["full_name"]);
        assert_eq!(answer.body["current"]["version"], won[0].body["version"]);
    }
    assert_eq!(site.number("select count(*) from audit_logs").await, audits + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_super_admins_who_demote_each_other_leave_one() {
    for _ in 0..8 {
        let site = Site::start().await;
        let one = site.admin().await;
        let two = site.person("two@example.com", SUPER_ADMIN).await;
        let auditor = site.role("auditor").await;
        let version = |p: &str| format!("/admin/users/{p}");
        let v1 = one.get(&version(&one.id)).await.expect(200)["version"].clone();
        let v2 = one.get(&version(&two.id)).await.expect(200)["version"].clone();
        let (path_of_two, path_of_one) =
            (format!("/admin/users/{}/role", two.id), format!("/admin/users/{}/role", one.id));
        let (a, b) = tokio::join!(
            one.patch(&path_of_two, json!({ "role_id": auditor, "version": v2 })),
            two.patch(&path_of_one, json!({ "role_id": auditor, "version": v1 })),
        );
        let won = [&a, &b].iter().filter(|x| x.status == 200).count();
        assert_eq!(won, 1, "{a:?} {b:?}");
        let left = site
            .number(
                "select count(*) from user_role_assignments a join roles r on r.id = a.role_id
                 where r.code = 'super_admin' and a.revoked_at is null",
            )
            .await;
        assert_eq!(left, 1);
    }
}

#[tokio::test]
async fn the_last_super_admin_stays() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let auditor = site.role("auditor").await;
    let me = admin.get(&format!("/admin/users/{}", admin.id)).await.expect(200);
    let demote = json!({ "role_id": auditor, "version": me["version"] });
    admin.patch(&format!("/admin/users/{}/role", admin.id), demote).await.refused(409, "last_super_admin");
    admin.delete(&format!("/admin/users/{}", admin.id)).await.refused(409, "cannot_change_self");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn thirty_two_uses_of_one_refresh_token_get_one_successor() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (_, elsewhere) = site.another().await;
    let calls = (0..32).map(|i| {
        let person = if i % 2 == 0 { admin.clone() } else { admin.at(&elsewhere) };
        async move { person.post("/auth/refresh", json!({ "refresh_token": person.refresh })).await.expect(200) }
    });
    let answers = join_all(calls).await;
    let successor = answers[0]["refresh_token"].as_str().unwrap().to_owned();
    assert!(answers.iter().all(|a| a["refresh_token"] == successor.as_str()));
    assert_eq!(site.number("select refresh_generation::bigint from admin_sessions").await, 1);

    // The successor works, and once it was exchanged the old token ends the family.
    let next = admin.post("/auth/refresh", json!({ "refresh_token": successor })).await.expect(200);
    admin.post("/auth/refresh", json!({ "refresh_token": admin.refresh })).await.refused(401, "session_expired");
    let newest = next["refresh_token"].clone();
    admin.post("/auth/refresh", json!({ "refresh_token": newest })).await.refused(401, "session_expired");
    assert_eq!(site.number("select count(*) from admin_sessions where revoke_reason = 'refresh_reuse'").await, 1);
    site.test.forget_callers();
    admin.get("/auth/me").await.refused(401, "session_expired");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_idempotency_key_does_the_work_once() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let role = site.role("auditor").await;
    let input = json!({ "email": "new@example.com", "full_name": "New Person", "role_id": role });
    let send = |body: serde_json::Value| {
        let request = admin.request(reqwest::Method::POST, "/admin/users").header("idempotency-key", "k-1").json(&body);
        async move { crate::support::read(request.send().await.unwrap()).await }
    };
    let answers = join_all((0..16).map(|_| send(input.clone()))).await;
    let made: Vec<_> = answers.iter().filter(|a| a.status == 201).collect();
    assert!(!made.is_empty());
    assert!(made.iter().all(|a| a.body["id"] == made[0].body["id"]));
    for answer in answers.iter().filter(|a| a.status != 201) {
        answer.refused(409, "idempotency_in_progress");
    }
    assert_eq!(send(input.clone()).await.expect(201)["id"], made[0].body["id"]);
    assert_eq!(site.number("select count(*) from admin_users where email = 'new@example.com'").await, 1);
    assert_eq!(site.number("select count(*) from audit_logs where action = 'staff.invited'").await, 1);
    let mut other = input;
    other["full_name"] = "Other Person".into();
    send(other).await.refused(422, "idempotency_mismatch");
}
