//! The set-up link: whoever holds it makes the first account, once.

use store::{Token, first_run};

use crate::{actor::Verdict, answer::Answer, cases::CASES, server::Server, subject::Names};

#[tokio::test(flavor = "multi_thread")]
async fn a_set_up_link_opens_an_installation_that_has_no_account_and_no_other() {
    let server = Server::start().await;
    let link = async || first_run::set_up_link(&server.gate).await.unwrap().unwrap().reveal().to_owned();
    let (first, second) = (link().await, link().await);
    let case = CASES.iter().find(|case| case.row == "first_run").unwrap();
    let set_up = async |token: &str| {
        Answer::to(&server.router, case.request(&Names::default().with("set_up", token), None)).await
    };

    let answer = set_up("guessed").await;
    assert_eq!(answer.verdict(), Verdict::NotFound, "{answer:?}");
    let answer = set_up(&first).await;
    assert_eq!(answer.word(), "ok");
    let cookie = answer.headers.get("set-cookie").unwrap().to_str().unwrap();
    for part in ["__Host-", "Path=/", "HttpOnly", "SameSite=Lax", "Secure"] {
        assert!(cookie.contains(part), "{cookie} lacks {part}");
    }
    let token = cookie.split(['=', ';']).nth(1).unwrap();
    let session = server.gate.session(&Token::presented(token), Default::default()).await.unwrap();
    assert!(session.user().super_admin);
    for used in [first, second] {
        assert_eq!(set_up(&used).await.verdict(), Verdict::NotFound);
    }
}
