//! Mails wait in the outbox until they are handed over, and say nothing that has passed.

use domain::{
    mail::GIVE_UP_AFTER_MS,
    notice::{About, MailChoice},
    permission::kind,
};
use store::{
    Error, Token, campaigns,
    notices::{self, Content, Failure, Letter},
    senders,
};

use crate::fixture::{self, Installation, PASSWORD, addressing, origin};

async fn letters(it: &Installation) -> Vec<Letter> {
    let mut letters = Vec::new();
    while let Some(letter) = it.system.next_letter().await.unwrap() {
        letters.push(letter);
    }
    letters
}

/// Hands over whatever waits.
async fn send_all(it: &Installation) -> Vec<Letter> {
    let letters = letters(it).await;
    for letter in &letters {
        it.system.letter_sent(letter).await.unwrap();
    }
    letters
}

fn addresses(letters: &[Letter]) -> Vec<&str> {
    let mut addresses: Vec<_> = letters.iter().map(|letter| letter.to.as_str()).collect();
    addresses.sort_unstable();
    addresses
}

fn link_of(letter: &Letter) -> &Token {
    match &letter.content {
        Content::PasswordLink { token, .. } => token,
        other => panic!("no link: {other:?}"),
    }
}

#[tokio::test]
async fn without_a_mail_server_nothing_piles_up() {
    let it = fixture::in_memory().await;
    it.submitted().await;
    assert!(letters(&it).await.is_empty());
    let asked = notices::ask_for_link(&it.gate, "author@acme.example", origin()).await;
    assert!(matches!(asked, Err(Error::Invalid { field: "email", .. })));
}

#[tokio::test]
async fn each_gets_one_mail_and_who_does_not_want_it_none() {
    let it = fixture::with_mail().await;
    let draft = it.complete_draft().await;
    send_all(&it).await;
    let choice = MailChoice { submitted: false, ..MailChoice::default() };
    notices::set_mail_settings(&it.gate, &it.admin, 0, choice).await.unwrap();
    let author = it.enter(&it.author).await;
    let submitted = campaigns::submit(&author.grant_on(draft.id).await.unwrap()).await.unwrap();
    let sent = send_all(&it).await;
    assert_eq!(addresses(&sent), ["both@acme.example", "moderator@acme.example", "root@acme.example"]);
    let Content::Notice { about: About::CampaignWaits { name, .. }, slug, .. } = &sent[0].content else {
        panic!("{:?}", sent[0]);
    };
    assert_eq!((name.as_str(), slug), ("Maintenance", &fixture::slug()));
    assert!(letters(&it).await.is_empty(), "what was handed over is not sent again");

    let moderator = it.enter(&it.moderator).await;
    campaigns::approve(&moderator.grant().unwrap(), draft.id, submitted.life.version).await.unwrap();
    assert_eq!(addresses(&send_all(&it).await), ["author@acme.example"]);
}

#[tokio::test]
async fn what_was_decided_read_or_taken_away_meanwhile_is_not_sent() {
    let it = fixture::with_mail().await;
    let sender = it.approved_sender().await.sender;
    send_all(&it).await;
    let author = it.enter(&it.author).await;
    senders::submit_revision(&author.grant().unwrap(), sender, addressing("ACME2"), None).await.unwrap();
    notices::mark_all_read(&it.gate, &it.admin).await.unwrap();
    store::users::block(&it.gate, "both@acme.example").await.unwrap();
    let moderator = it.enter(&it.moderator).await;
    assert_eq!(addresses(&letters(&it).await), ["moderator@acme.example", "root@acme.example"]);

    // Not reported, as by a server that was killed: sent again under the same id, unless it was decided meanwhile.
    it.clock.advance(6 * 60_000);
    let again = it.system.next_letter().await.unwrap().unwrap();
    senders::reject(&moderator.grant().unwrap(), sender, 2, "no").await.unwrap();
    it.clock.advance(6 * 60_000);
    let late = letters(&it).await;
    assert_eq!(addresses(&late), ["author@acme.example"], "only the decision is left to tell");
    // The report of the one that took too long changes nothing.
    it.system.letter_sent(&again).await.unwrap();
}

#[tokio::test]
async fn a_failed_mail_keeps_its_id_and_is_tried_again_later_and_later() {
    let it = fixture::with_mail().await;
    notices::ask_for_link(&it.gate, " Author@acme.example ", origin()).await.unwrap().unwrap();
    let first = it.system.next_letter().await.unwrap().unwrap();
    it.system.letter_failed(&first, &Failure::Temporary("450 try later".into())).await.unwrap();
    assert!(letters(&it).await.is_empty(), "not at once");
    it.clock.advance(30_000);
    let second = it.system.next_letter().await.unwrap().unwrap();
    assert_eq!(first.id, second.id);
    it.system.letter_failed(&second, &Failure::Temporary("450 try later".into())).await.unwrap();
    it.clock.advance(30_000);
    assert!(letters(&it).await.is_empty(), "the waits grow");
    it.clock.advance(30_000);
    let third = it.system.next_letter().await.unwrap().unwrap();
    it.system.letter_sent(&third).await.unwrap();
    // Each attempt may have arrived.
    for letter in [&first, &second, &third] {
        assert!(it.gate.link_purpose(link_of(letter)).await.is_ok());
    }
}

#[tokio::test]
async fn a_mail_that_is_never_taken_is_given_up_on_record() {
    let it = fixture::with_mail().await;
    let sender = it.approved_sender().await.sender;
    send_all(&it).await;
    let author = it.enter(&it.author).await;
    senders::submit_revision(&author.grant().unwrap(), sender, addressing("ACME2"), None).await.unwrap();
    let refused = letters(&it).await;
    assert!(refused.len() > 1);
    it.system.letter_failed(&refused[0], &Failure::Permanent("550 no such mailbox".into())).await.unwrap();
    for letter in &refused[1..] {
        it.system.letter_failed(letter, &Failure::Temporary("no connection".into())).await.unwrap();
    }
    it.clock.advance(GIVE_UP_AFTER_MS);
    for letter in letters(&it).await {
        it.system.letter_failed(&letter, &Failure::Temporary("no connection".into())).await.unwrap();
    }
    it.clock.advance(GIVE_UP_AFTER_MS);
    assert!(letters(&it).await.is_empty(), "after a day nothing is tried any more");
    let root =
        it.gate.sign_in("root@acme.example", PASSWORD, origin()).await.unwrap().unwrap().signed_in().unwrap().session;
    let scope = it.enter(&root).await;
    let log = store::audit::page(&scope.grant::<kind::ViewAudit>().unwrap(), None, 50).await.unwrap();
    let given_up: Vec<_> = log.iter().filter(|record| record.action == "mail.given_up").collect();
    assert_eq!(given_up.len(), refused.len());
    assert!(given_up.iter().any(|record| record.note.as_deref() == Some("550 no such mailbox")));
    assert!(!format!("{given_up:?}").contains('@'), "a record of a mail holds no address");
}

#[tokio::test]
async fn a_forgotten_password_is_the_same_for_every_address() {
    let it = fixture::with_mail().await;
    for email in ["author@acme.example", "nobody@acme.example"] {
        notices::ask_for_link(&it.gate, email, origin()).await.unwrap().unwrap();
    }
    store::users::block(&it.gate, "moderator@acme.example").await.unwrap();
    notices::ask_for_link(&it.gate, "moderator@acme.example", origin()).await.unwrap().unwrap();
    let sent = send_all(&it).await;
    assert_eq!(addresses(&sent), ["author@acme.example"], "a mail goes to accounts that can be used");

    let signed_in = it.gate.set_password(link_of(&sent[0]), "nine paper kites", origin()).await.unwrap();
    assert_eq!(signed_in.signed_in().unwrap().session.user().email, "author@acme.example");
    let used = it.gate.set_password(link_of(&sent[0]), "ten paper kites", origin()).await;
    assert!(matches!(used, Err(Error::NotFound)), "it works once");
}

#[tokio::test]
async fn a_link_of_a_mail_is_good_for_an_hour() {
    let it = fixture::with_mail().await;
    notices::ask_for_link(&it.gate, "author@acme.example", origin()).await.unwrap().unwrap();
    it.clock.advance(5 * 3_600_000);
    let sent = send_all(&it).await;
    it.clock.advance(3_599_000);
    assert!(it.gate.link_purpose(link_of(&sent[0])).await.is_ok(), "from the sending on");
    it.clock.advance(1_000);
    assert!(matches!(it.gate.link_purpose(link_of(&sent[0])).await, Err(Error::NotFound)));
}

#[tokio::test]
async fn nobody_floods_a_mailbox_or_tries_many() {
    let it = fixture::with_mail().await;
    let from = |address: &str| domain::audit::Origin { address: address.into(), ..origin() };
    for last in 0..6 {
        let asked = notices::ask_for_link(&it.gate, "author@acme.example", from(&format!("192.0.2.{last}"))).await;
        asked.unwrap().expect("the answer does not tell that there were others");
    }
    assert_eq!(send_all(&it).await.len(), 3);
    let one = from("2001:db8::1");
    for number in 0..10 {
        notices::ask_for_link(&it.gate, &format!("p{number}@acme.example"), one.clone()).await.unwrap().unwrap();
    }
    let refused = notices::ask_for_link(&it.gate, "author@acme.example", from("2001:db8::2")).await.unwrap();
    assert_eq!(refused.unwrap_err().seconds, 3_600);
    it.clock.advance(3_600_000);
    notices::ask_for_link(&it.gate, "author@acme.example", one).await.unwrap().unwrap();
}

#[tokio::test]
async fn what_is_old_is_removed_and_what_waits_stays() {
    let it = fixture::with_mail().await;
    it.submitted().await;
    let sent = send_all(&it).await;
    assert!(!sent.is_empty());
    notices::ask_for_link(&it.gate, "author@acme.example", origin()).await.unwrap().unwrap();
    it.clock.advance(8 * 24 * 3_600_000);
    it.system.tidy_notices().await.unwrap();
    assert_eq!(letters(&it).await.len(), 1);
    let moderator = it
        .gate
        .sign_in("moderator@acme.example", PASSWORD, origin())
        .await
        .unwrap()
        .unwrap()
        .signed_in()
        .unwrap()
        .session;
    assert_eq!(notices::unread(&it.gate, &moderator).await.unwrap(), 1);
    it.clock.advance(90 * 24 * 3_600_000);
    it.system.tidy_notices().await.unwrap();
    let moderator = it
        .gate
        .sign_in("moderator@acme.example", PASSWORD, origin())
        .await
        .unwrap()
        .unwrap()
        .signed_in()
        .unwrap()
        .session;
    assert_eq!(notices::unread(&it.gate, &moderator).await.unwrap(), 0);
}

#[tokio::test]
async fn a_super_admin_sees_how_the_outbox_is_and_nobody_else() {
    let it = fixture::with_mail().await;
    assert!(matches!(it.gate.rule(&it.admin), Err(Error::NotFound)));
    let ruler = it.gate.rule(&it.root).unwrap();
    notices::send_trial(&ruler).await.unwrap();
    it.clock.advance(1_000);
    let letter = it.system.next_letter().await.unwrap().unwrap();
    assert_eq!((letter.to.as_str(), letter.name.as_deref()), ("root@acme.example", Some("Root")));
    it.system.letter_failed(&letter, &Failure::Temporary("no connection".into())).await.unwrap();
    let standing = notices::standing(&ruler).await.unwrap();
    assert_eq!((standing.waiting, standing.waiting_since_ms), (1, Some(fixture::START_MS)));
    assert_eq!(standing.last_error.as_deref(), Some("no connection"));
    let acme = it.enter(&it.admin).await;
    let invites = acme.grant::<kind::ManageMembers>().unwrap();
    assert_eq!(notices::not_taken_since(&invites).await.unwrap(), Some(fixture::START_MS));
    it.clock.advance(30_000);
    send_all(&it).await;
    assert_eq!(notices::not_taken_since(&invites).await.unwrap(), None);
    let standing = notices::standing(&ruler).await.unwrap();
    assert_eq!((standing.waiting, standing.sent, standing.last_error), (0, 1, None));
    assert_eq!(standing.last_sent_at_ms, Some(fixture::START_MS + 31_000));
}
