//! What subscribers wrote: for those who send with the address, as long as they may keep it.

use domain::{
    channel::ChannelId, id::InboundId, inbound::Wish, permission::kind, phone::PhoneNumber, sender::Saddr, slug::Slug,
};
use store::{
    Error, Granted, audit, erasure,
    inbound::{self, Arrived, InboundView, Writer},
    recipients::Reveal,
    workspaces::{self, NewWorkspace},
};

use crate::fixture::{Installation, in_memory};

const FIRST: u64 = 436_600_000_000;
const DAY_MS: i64 = 24 * 3_600_000;

/// As a carrier hands it over.
async fn write(it: &Installation, i: u64, to: &str, text: &str) -> Arrived {
    it.clock.advance(1_000);
    let arrived = Arrived {
        id: inbound::new_id(&it.system).unwrap(),
        at_ms: it.enter(&it.author).await.now_ms(),
        link: ChannelId::parse("carrier-a").unwrap(),
        saddr: Saddr::parse(to).unwrap(),
        from: Writer::Number(FIRST + i),
        text: Some(text.to_owned()),
        wish: (text == "STOP").then_some(Wish::Stop),
    };
    inbound::keep(&it.system, &arrived).await.unwrap();
    arrived
}

async fn read(it: &Installation, before: Option<InboundId>, limit: u32) -> (Vec<InboundView>, Option<InboundId>) {
    let page = inbound::page(&it.enter(&it.author).await, before, limit, Reveal::Masked).await.unwrap();
    (page.rows, page.next)
}

fn texts(rows: &[InboundView]) -> Vec<&str> {
    rows.iter().filter_map(|row| row.text.as_deref()).collect()
}

#[tokio::test]
async fn messages_are_there_for_those_who_send_with_the_address() {
    let it = in_memory().await;
    it.approved_sender().await;
    let spare = NewWorkspace {
        slug: "spare".into(),
        display_name: "Spare".into(),
        time_zone: "UTC".into(),
        default_country: "AT".into(),
        four_eyes: true,
    };
    workspaces::create(&it.gate, &spare).await.unwrap();
    for (i, text) in ["one", "two", "three", "STOP", "five"].into_iter().enumerate() {
        write(&it, i as u64, "ACME", text).await;
    }
    write(&it, 9, "NOBODY", "to whom?").await;
    // In the same words of the address, and twice.
    let again = write(&it, 5, "acme", "six").await;
    inbound::keep(&it.system, &again).await.unwrap();

    let (rows, next) = read(&it, None, 4).await;
    assert_eq!(texts(&rows), ["six", "five", "STOP", "three"]);
    assert_eq!((rows[2].wish, rows[2].from.as_str()), (Some(Wish::Stop), "•••0003"));
    let (rest, end) = read(&it, next, 4).await;
    assert_eq!((texts(&rest), end), (vec!["two", "one"], None));
    let other = it.gate.enter(&it.root, &Slug::parse("spare").unwrap()).await.unwrap();
    assert!(inbound::page(&other, None, 100, Reveal::Masked).await.unwrap().rows.is_empty());

    // Full numbers take the permission for this workspace, and stand in its log.
    let admin = it.enter(&it.admin).await;
    let proof: Granted<kind::RevealNumbers> = admin.grant().unwrap();
    let full = inbound::page(&admin, None, 1, Reveal::Full(&proof)).await.unwrap();
    assert_eq!(full.rows[0].from, PhoneNumber::from_u64(FIRST + 5).unwrap().to_string());
    let foreign = inbound::page(&other, None, 1, Reveal::Full(&proof)).await;
    assert!(matches!(foreign, Err(Error::Forbidden)));
    let log = audit::page(&admin.grant().unwrap(), None, 1).await.unwrap();
    assert_eq!(log[0].action, "inbound.revealed");
}

#[tokio::test]
async fn they_are_kept_as_long_as_they_may_be() {
    let it = in_memory().await;
    it.approved_sender().await;
    write(&it, 1, "ACME", "old").await;
    it.clock.advance(31 * DAY_MS);
    for (i, text) in [(1, "new"), (2, "newer"), (3, "newest")] {
        write(&it, i, "ACME", text).await;
    }
    inbound::forget_due(&it.system).await.unwrap();
    assert_eq!(read(&it, None, 10).await.0.len(), 4, "nothing says that they are removed");
    let manage: Granted<kind::ManageWorkspace> = it.enter(&it.admin).await.grant().unwrap();
    let revision = manage.workspace().revision;
    workspaces::set_recipient_data_days(&manage, revision, Some(30)).await.unwrap();
    inbound::forget_due(&it.system).await.unwrap();
    assert_eq!(texts(&read(&it, None, 10).await.0), ["newest", "newer", "new"]);

    let manage: Granted<kind::ManageWorkspace> = it.enter(&it.admin).await.grant().unwrap();
    let erased = erasure::erase(&manage, PhoneNumber::from_u64(FIRST + 2).unwrap()).await.unwrap();
    assert_eq!((erased.messages, erased.recipients), (1, 0));
    assert_eq!(texts(&read(&it, None, 10).await.0), ["newest", "new"]);
    inbound::trim(&it.system, manage.workspace_id(), 1).await.unwrap();
    assert_eq!(texts(&read(&it, None, 10).await.0), ["newest"]);
}
