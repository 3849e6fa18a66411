//! Inviting and accepting by plain forms, as browsers without a script send them.

use app::api::{account, invitations, members};
use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use leptos::server_fn::ServerFn;

use crate::{actor::Actor, answer::Answer, installation::Installation, server::Server, tenant::PASSWORD};

const PAGE: &str = "/w/acme/members/invitations";

/// A form that a page of ours sends, with these cookies.
async fn send(it: &Installation, path: &str, page: &str, cookie: &str, form: String) -> Answer {
    let request = Request::post(path)
        .header("sec-fetch-site", "same-origin")
        .header(header::ACCEPT, "text/html")
        .header(header::REFERER, format!("http://localhost{page}"))
        .header(header::COOKIE, cookie)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(form));
    Answer::to(&it.server.router, request.unwrap()).await
}

async fn open(it: &Installation, path: &str, cookie: &str) -> Answer {
    let request = Request::get(path).header(header::ACCEPT, "text/html").header(header::COOKIE, cookie);
    Answer::to(&it.server.router, request.body(Body::empty()).unwrap()).await
}

fn admin(it: &Installation) -> String {
    Server::cookie(&it.person(Actor::Admin).unwrap().token)
}

/// The value of a cookie that an answer sets.
fn cookie(answer: &Answer, name: &str) -> Option<String> {
    let set = answer.headers.get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = set.filter_map(|value| value.split(';').next()?.split_once('='));
    pairs.filter(|(key, _)| *key == name).map(|(_, value)| value.to_owned()).next_back()
}

/// Where the link of an invitation leads that is on a page.
fn link(answer: &Answer) -> Option<String> {
    let (_, rest) = answer.body.split_once("/invitation/")?;
    let token: String = rest.chars().take_while(|&c| c.is_ascii_alphanumeric() || c == '-' || c == '_').collect();
    Some(format!("/invitation/{token}"))
}

async fn invite(it: &Installation, email: &str) -> Answer {
    let form = format!("slug=acme&email={}&role=author&until=&note=", email.replace('@', "%40"));
    let sent = send(it, invitations::Invite::PATH, PAGE, &admin(it), form).await;
    assert!(sent.status.is_redirection(), "{sent:?}");
    sent
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_script_the_link_is_shown_once_and_leads_in() {
    let it = Installation::start().await;
    let sent = invite(&it, "guest@guests.example").await;
    assert!(sent.location().contains(PAGE), "{}", sent.location());
    let handed_over = cookie(&sent, "handed_over").expect("the link waits for the page");
    let page = open(&it, PAGE, &format!("{}; handed_over={handed_over}", admin(&it))).await;
    let link = link(&page).expect("the page shows the link");
    assert_eq!(cookie(&page, "handed_over").as_deref(), Some(""), "and takes it out of the browser");
    assert!(!open(&it, PAGE, &admin(&it)).await.body.contains("/invitation/"), "once");

    let page = open(&it, &link, "").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("Accept and sign in"));
    let token = link.trim_start_matches("/invitation/");
    let form = format!("token={token}&name=Guest&password=nine+paper+kites&repeated=nine+paper+kites");
    let accepted = send(&it, invitations::AcceptInvitation::PATH, &link, "", form).await;
    assert_eq!(accepted.location(), "/w/acme");
    let session = cookie(&accepted, app::api::context::COOKIE_SECURE).expect("signed in");
    assert_eq!(open(&it, "/w/acme", &Server::cookie(&session)).await.status, StatusCode::OK);
    let used = open(&it, &link, "").await;
    assert_eq!(used.status, StatusCode::NOT_FOUND);
    assert!(used.body.contains("does not work any more"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_tells_each_holder_what_to_do() {
    let it = Installation::start().await;
    let stranger = it.person(Actor::Stranger).unwrap();
    let sent = invite(&it, &stranger.email).await;
    let handed_over = cookie(&sent, "handed_over").unwrap();
    let link = link(&open(&it, PAGE, &format!("{}; handed_over={handed_over}", admin(&it))).await).unwrap();

    let anonymous = open(&it, &link, "").await;
    assert!(anonymous.body.contains("This address has an account"));
    let other = open(&it, &link, &admin(&it)).await;
    assert!(other.body.contains("You are signed in as somebody else"));
    let invited = Server::cookie(&stranger.token);
    let body = open(&it, &link, &invited).await.body;
    assert!(body.contains("accept_invitation_as_me") && !body.contains("Accept and sign in"));

    // By way of signing in.
    let form = format!("email={}&password={}&next={link}", stranger.email, PASSWORD.replace(' ', "+"));
    let signed_in = send(&it, account::SignIn::PATH, &link, "", form).await;
    assert_eq!(signed_in.location(), link);
    let session = Server::cookie(&cookie(&signed_in, app::api::context::COOKIE_SECURE).unwrap());
    let form = format!("token={}", link.trim_start_matches("/invitation/"));
    let accepted = send(&it, invitations::AcceptInvitationAsMe::PATH, &link, &session, form).await;
    assert_eq!(accepted.location(), "/w/acme");
    assert_eq!(open(&it, "/w/acme", &invited).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_is_taken_away_acts_on_the_next_request() {
    let it = Installation::start().await;
    let moderator = it.person(Actor::Moderator).unwrap();
    let theirs = Server::cookie(&moderator.token);
    let campaigns = "/w/acme/campaigns/new";
    assert_eq!(open(&it, campaigns, &theirs).await.status, StatusCode::FORBIDDEN);
    let change = |revision: u32, role: &str| format!("slug=acme&user={}&revision={revision}&role={role}", moderator.id);
    let page = format!("/w/acme/members/{}", moderator.id);
    let changed = send(&it, members::ChangeMember::PATH, &page, &admin(&it), change(1, "author")).await;
    assert_eq!(changed.location(), "/w/acme/members");
    assert_eq!(open(&it, campaigns, &theirs).await.status, StatusCode::OK);
    // Whoever still sees the page of before is sent back to it, with the reason.
    let late = send(&it, members::ChangeMember::PATH, &page, &admin(&it), change(1, "admin")).await;
    let shown = open(&it, late.location().trim_start_matches("http://localhost"), &admin(&it)).await;
    assert!(shown.body.contains("Somebody else has changed this membership"), "{}", late.location());
    let remove = format!("slug=acme&user={}&revision=2", moderator.id);
    send(&it, members::RemoveMember::PATH, &page, &admin(&it), remove).await;
    assert_eq!(open(&it, "/w/acme", &theirs).await.status, StatusCode::NOT_FOUND);
}
