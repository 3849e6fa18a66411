//! The chain of audit records.

use domain::{
    audit::{Actor, AuditRecord},
    permission::{Capacity, kind},
};
use store::{
    Error,
    audit::{ActorFilter, Cursor, Export, Filter, Format, Page, Reader, first_break, list},
};

use crate::fixture;

#[tokio::test]
async fn every_step_is_on_record_and_the_chain_holds() {
    let it = fixture::in_memory().await;
    let campaign = it.submitted().await;
    let moderator = it.enter(&it.moderator).await;
    store::campaigns::approve(&moderator.grant().unwrap(), campaign.id, campaign.life.version).await.unwrap();
    let admin = it.enter(&it.admin).await;
    let mut log = store::audit::page(&admin.grant().unwrap(), None, 500).await.unwrap();
    log.reverse();
    let actions: Vec<&str> = log.iter().map(|record| record.action.as_str()).collect();
    for expected in [
        "sender.created",
        "sender.revision_submitted",
        "sender.revision_approved",
        "campaign.created",
        "campaign.edited",
        "campaign.upload_started",
        "campaign.recipients_read",
        "campaign.submitted",
        "campaign.approved",
    ] {
        assert!(actions.contains(&expected), "{expected} is missing in {actions:?}");
    }
    let approved = log.iter().find(|record| record.action == "campaign.approved").unwrap();
    assert!(matches!(&approved.actor, Actor::User { name, .. } if name == "moderator"));
    assert_eq!(approved.origin.address, "192.0.2.7");
    assert_eq!(first_break(&log), None);

    let mut edited = log.clone();
    edited[3].note = Some("forged".into());
    assert_eq!(first_break(&edited), Some(4));
    let mut cut = log.clone();
    cut.remove(2);
    assert_eq!(first_break(&cut), Some(3));
    let mut swapped = log;
    swapped.swap(1, 2);
    assert_eq!(first_break(&swapped), Some(2));
}

#[tokio::test]
async fn a_denial_is_on_record_with_what_was_tried() {
    let it = fixture::in_memory().await;
    let campaign = it.submitted().await;
    let author = it.enter(&it.author).await;
    assert!(matches!(author.grant::<kind::DecideCampaign>(), Err(Error::Forbidden)));
    let moderator = it.enter(&it.moderator).await;
    assert!(matches!(moderator.grant_on::<kind::EditCampaign>(campaign.id).await, Err(Error::Forbidden)));
    // To look where one may not is no attempt to change anything.
    assert!(matches!(author.grant::<kind::ViewAudit>(), Err(Error::Forbidden)));

    let admin = it.enter(&it.admin).await;
    let denied = async || {
        let log = store::audit::page(&admin.grant().unwrap(), None, 10).await.unwrap();
        log.into_iter().filter(|record| record.action == "access.denied").collect::<Vec<_>>()
    };
    // The refusal does not wait for its record.
    let mut records = denied().await;
    for _ in 0..1_000 {
        if records.len() == 2 {
            break;
        }
        tokio::task::yield_now().await;
        records = denied().await;
    }
    let tried = |action: &str| {
        records.iter().find(|record| record.changes.iter().any(|change| change.after.as_deref() == Some(action)))
    };
    assert_eq!(records.len(), 2);
    assert!(matches!(
        &tried("Approve or reject a campaign").unwrap().actor,
        Actor::User { name, capacity: Some(Capacity::Author), .. } if name == "author"
    ));
    assert_eq!(tried("Edit and submit a campaign").unwrap().resource_id, campaign.id.to_string());
}

#[tokio::test]
async fn the_log_is_narrowed_and_read_page_by_page() {
    let it = fixture::in_memory().await;
    let campaign = it.submitted().await;
    let moderator = it.enter(&it.moderator).await;
    store::campaigns::approve(&moderator.grant().unwrap(), campaign.id, campaign.life.version).await.unwrap();
    let admin = it.enter(&it.admin).await;
    let reader = Reader::workspace(admin.grant().unwrap());
    let found = async |filter: Filter| list(&reader, &filter, None, 100).await.unwrap();
    let actions = |page: &Page| page.records.iter().map(|record| record.action.clone()).collect::<Vec<_>>();

    let all = found(Filter::default()).await;
    assert_eq!(all.next, None);
    assert_eq!(all.records, store::audit::page(&admin.grant().unwrap(), None, 500).await.unwrap());
    let (mut paged, mut before) = (Vec::new(), None);
    loop {
        let page = list(&reader, &Filter::default(), before, 4).await.unwrap();
        assert!(page.records.len() == 4 || page.next.is_none());
        paged.extend(page.records);
        before = page.next.map(|next| next.to_string().parse::<Cursor>().unwrap());
        if before.is_none() {
            break;
        }
    }
    assert_eq!(paged, all.records);

    let by = |email: &str| Some(ActorFilter::Email(email.to_owned()));
    let moderators = found(Filter { actor: by("Moderator@acme.example"), ..Filter::default() }).await;
    assert_eq!(actions(&moderators), ["campaign.approved", "sender.revision_approved"]);
    let approved = Filter { action: Some("campaign.approved".into()), ..Filter::default() };
    assert_eq!(found(approved.clone()).await.records.len(), 1);
    let none = found(Filter { actor: by("author@acme.example"), ..approved }).await;
    assert_eq!((none.records.len(), none.next), (0, None));
    assert_eq!(found(Filter { actor: by("nobody@acme.example"), ..Filter::default() }).await.records.len(), 0);
    let senders = found(Filter { action: Some("sender".into()), ..Filter::default() }).await;
    assert!(senders.records.len() >= 3 && actions(&senders).iter().all(|action| action.starts_with("sender.")));
    let about = found(Filter { resource_id: Some(campaign.id.to_string()), ..Filter::default() }).await;
    let kind = found(Filter { resource_kind: Some("campaign".into()), ..Filter::default() }).await;
    assert!(!about.records.is_empty() && about.records == kind.records);

    let at_ms = all.records[0].at_ms;
    assert_eq!(found(Filter { to_ms: Some(at_ms), ..Filter::default() }).await.records.len(), 0);
    let now = found(Filter { from_ms: Some(at_ms), to_ms: Some(at_ms + 1), ..Filter::default() }).await;
    assert_eq!(now.records, all.records);
}

#[tokio::test]
async fn an_export_has_every_record_and_is_on_record_itself() {
    let it = fixture::in_memory().await;
    it.submitted().await;
    let root = it.gate.rule(&it.root).unwrap();
    let text = async |reader: Reader, format| {
        let mut export = Export::open(reader, &Filter::default(), format).await.unwrap();
        let mut text = String::new();
        while let Some(piece) = export.next_piece().await.unwrap() {
            text.push_str(&piece);
        }
        text
    };
    let admin = it.enter(&it.admin).await;
    let csv = text(Reader::workspace(admin.grant().unwrap()), Format::Csv).await;
    let log = store::audit::page(&admin.grant().unwrap(), None, 500).await.unwrap();
    assert_eq!(log[0].action, "audit.exported");
    assert_eq!(csv.matches("\r\n").count(), log.len() + 1);
    assert!(csv.contains("campaign.submitted") && csv.contains("author@acme.example"));

    let lines = text(Reader::installation(root), Format::JsonLines).await;
    let mut records: Vec<AuditRecord> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    records.sort_by_key(|record| record.seq);
    assert_eq!(records.last().unwrap().action, "audit.exported");
    assert_eq!(first_break(&records), None, "what is exported can be checked by itself");
}
