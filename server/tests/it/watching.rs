//! What the admins of a workspace see of how things go: its own sending and the state of its links, and nothing of the
//! machine or of others.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};

use crate::{
    answer::Answer,
    server::Server,
    subject::standing,
    tenant::{Person, Tenant},
};

async fn get(server: &Server, who: &Person, path: &str) -> Answer {
    let request = Request::get(path)
        .header(header::ACCEPT, "text/html")
        .header(header::COOKIE, Server::cookie(&who.token))
        .body(Body::empty())
        .unwrap();
    Answer::to(&server.router, request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_watches_what_the_workspace_sends_and_sees_nothing_of_others() {
    let server = Server::start().await;
    let acme = Tenant::found(&server.gate, "acme", "walrus").await;
    let globex = Tenant::found(&server.gate, "globex", "zebra").await;
    standing(&server, &acme, &acme.author).await;

    let page = get(&server, &acme.admin, "/w/acme/monitoring").await;
    assert_eq!(page.status, StatusCode::OK);
    for part in
        ["Links to carriers", "1 campaign<", "Bound", "since ", "None has failed", "href=\"/w/acme/monitoring\""]
    {
        assert!(page.body.contains(part), "{part}");
    }
    let other = get(&server, &globex.admin, "/w/globex/monitoring").await;
    assert!(other.body.contains("No link is used at the moment") && !other.body.contains("1 campaign<"));

    let file = get(&server, &acme.admin, "/w/acme/monitoring/chart.csv?chart=messages").await;
    assert!(file.body.starts_with("time,Accepted,Delivered,Failed\r\n"), "{}", file.body);
    assert_eq!(file.body.lines().count(), 1 + 24);
    assert_eq!(
        get(&server, &acme.admin, "/w/acme/monitoring/chart.csv?chart=none").await.status,
        StatusCode::NOT_FOUND
    );
    for path in ["/w/acme/monitoring", "/w/acme/monitoring/chart.csv", "/w/acme/diagnostics"] {
        assert_eq!(get(&server, &acme.moderator, path).await.status, StatusCode::FORBIDDEN, "{path}");
        assert_eq!(get(&server, &globex.admin, path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert!(!get(&server, &acme.author, "/w/acme").await.body.contains("/w/acme/monitoring"));
}

#[tokio::test(flavor = "multi_thread")]
async fn diagnostics_tell_admins_what_concerns_campaigns_unless_they_are_kept_to_super_admins() {
    let server = Server::start().await;
    let acme = Tenant::found(&server.gate, "acme", "walrus").await;
    let root = Person::sign_up(&server.gate, "root", "installation", true).await;
    standing(&server, &acme, &acme.author).await;

    let page = get(&server, &acme.admin, "/w/acme/diagnostics").await;
    assert_eq!(page.status, StatusCode::OK);
    for part in [
        "Database",
        "it answers",
        "messages can leave",
        "Disk",
        "Clock",
        "Audit log",
        "it is the simulator",
        "no mail server is configured",
    ] {
        assert!(page.body.contains(part), "{part}");
    }
    for hidden in
        [server.data_dir().to_str().unwrap(), "127.0.0.1", "master.key", "chmod", "timedatectl", "/installation/"]
    {
        assert!(!page.body.contains(hidden), "{hidden}");
    }

    let path = server::access::ACCESS.iter().find(|row| row.name() == "save_installation_settings").unwrap().path;
    let kept = Request::post(path)
        .header("sec-fetch-site", "same-origin")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::COOKIE, Server::cookie(&root.token))
        .body(Body::from(
            "revision=0&password_min_length=8&refused_words=&second_factor=nobody&session_hours=8\
             &session_idle_minutes=120&diagnostics_for=super_admins",
        ))
        .unwrap();
    assert_eq!(Answer::to(&server.router, kept).await.status, StatusCode::OK);
    assert_eq!(get(&server, &acme.admin, "/w/acme/diagnostics").await.status, StatusCode::FORBIDDEN);
    let monitoring = get(&server, &acme.admin, "/w/acme/monitoring").await;
    assert_eq!(monitoring.status, StatusCode::OK);
    assert!(!monitoring.body.contains("/w/acme/diagnostics"), "no way leads there");
    assert_eq!(get(&server, &root, "/w/acme/diagnostics").await.status, StatusCode::OK);
}
