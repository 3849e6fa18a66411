//! The chain of audit records.

use domain::{
    audit::Actor,
    permission::{Capacity, kind},
};
use store::{Error, audit::first_break};

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
