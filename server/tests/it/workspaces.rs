//! Workspaces as a browser without a script sees them: former addresses, settings, the end, and a new client.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use store::workspaces::{self, Settings};

use crate::{
    answer::Answer,
    server::Server,
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

/// A form that is sent from its page; the answer leads to the next one.
async fn send(server: &Server, who: &Person, function: &str, from: &str, body: String) -> Answer {
    let path = server::access::ACCESS.iter().find(|row| row.name() == function).unwrap().path;
    let request = Request::post(path)
        .header("sec-fetch-site", "same-origin")
        .header(header::ACCEPT, "text/html")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::REFERER, format!("https://sms.example{from}"))
        .header(header::COOKIE, Server::cookie(&who.token))
        .body(Body::from(body))
        .unwrap();
    Answer::to(&server.router, request).await
}

async fn revision(server: &Server, tenant: &Tenant) -> u64 {
    tenant.enter(&server.gate, &tenant.admin).await.workspace().revision
}

#[tokio::test(flavor = "multi_thread")]
async fn a_former_address_leads_members_on_and_is_like_none_to_others() {
    let server = Server::start().await;
    let acme = Tenant::found(&server.gate, "acme", "walrus").await;
    let globex = Tenant::found(&server.gate, "globex", "zebra").await;
    let scope = acme.enter(&server.gate, &acme.admin).await;
    let settings = Settings { slug: "acme-bank".into(), ..Settings::of(scope.workspace()) };
    workspaces::save(&scope.grant().unwrap(), scope.workspace().revision, &settings).await.unwrap();

    let answer = get(&server, &acme.author, "/w/acme/campaigns?status=sending").await;
    assert_eq!((answer.status, answer.location()), (StatusCode::FOUND, "/w/acme-bank/campaigns?status=sending"));
    let answer = get(&server, &acme.author, "/w/acme").await;
    assert_eq!((answer.status, answer.location()), (StatusCode::FOUND, "/w/acme-bank"));
    for address in ["/w/acme", "/w/acme-bank"] {
        assert_eq!(get(&server, &globex.admin, address).await.status, StatusCode::NOT_FOUND, "{address}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_sets_a_workspace_up_and_puts_it_away_and_a_super_admin_ends_it() {
    let server = Server::start().await;
    let acme = Tenant::found(&server.gate, "acme", "walrus").await;
    let root = Person::sign_up(&server.gate, "root", "installation", true).await;
    let page = get(&server, &acme.admin, "/w/acme/settings").await;
    for part in ["Name of the workspace", "Archive this workspace", "Only a super admin switches it."] {
        assert!(page.body.contains(part), "{part}");
    }
    let saved = send(
        &server,
        &acme.admin,
        "save_settings",
        "/w/acme/settings",
        format!(
            "slug=acme&revision={}&display_name=Acme+Bank&address=acme&time_zone=Europe%2FVienna&default_country=AT\
             &numbers_visible_to=admins_and_moderators&segment_price_cents=7&currency=EUR&joining_allowed=true",
            revision(&server, &acme).await
        ),
    )
    .await;
    assert_eq!((saved.status, saved.location()), (StatusCode::FOUND, "/w/acme/settings"));
    let page = get(&server, &acme.admin, "/w/acme/settings").await;
    assert!(page.body.contains("Acme Bank") && !page.body.contains("Acting as"));

    let archive = async |confirmation: &str| {
        let body = format!("slug=acme&revision={}&confirmation={confirmation}", revision(&server, &acme).await);
        send(&server, &acme.admin, "archive_workspace", "/w/acme/settings", body).await
    };
    assert!(archive("acm").await.location().contains("__err"), "a mistyped address changes nothing");
    assert_eq!(archive("acme").await.location(), "/w/acme/settings");
    assert_eq!(get(&server, &acme.author, "/w/acme").await.status, StatusCode::NOT_FOUND);
    let page = get(&server, &acme.admin, "/w/acme/settings").await;
    assert!(page.body.contains("This workspace is archived") && !page.body.contains("Delete for good"));
    assert!(!get(&server, &acme.admin, "/w/acme/campaigns").await.body.contains("New campaign"));

    let page = get(&server, &root, "/w/acme/settings").await;
    assert!(page.body.contains("Acting as") && page.body.contains("Delete for good"));
    assert!(get(&server, &root, "/w/master?state=archived").await.body.contains("Acme Bank"));
    let deleted =
        send(&server, &root, "delete_workspace", "/w/acme/settings", "slug=acme&confirmation=acme".into()).await;
    assert_eq!(deleted.location(), "/w/master");
    assert_eq!(get(&server, &root, "/w/acme").await.status, StatusCode::NOT_FOUND);
    assert!(!get(&server, &root, "/w/master?state=archived").await.body.contains("Acme Bank"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_is_made_by_a_form_and_stands_in_the_list() {
    let server = Server::start().await;
    let root = Person::sign_up(&server.gate, "root", "installation", true).await;
    let page = get(&server, &root, "/w/master/new").await;
    for part in ["Name of the workspace", "Its first admin", "SADDR", "Create workspace"] {
        assert!(page.body.contains(part), "{part}");
    }
    let form = "display_name=Client&slug=client&time_zone=UTC&default_country=AT&four_eyes=true&source_ton=5&source_npi=0\
                &destination_ton=1&destination_npi=1&admin_email=kim%40client.example&sender_name=Client&saddr=CLIENT";
    let made = send(&server, &root, "create_workspace", "/w/master/new", form.into()).await;
    assert_eq!(made.location(), "/w/client/members");
    let list = get(&server, &root, "/w/master").await;
    assert!(list.body.contains("Client") && list.body.contains("/w/client/moderation"), "a revision waits");
}
