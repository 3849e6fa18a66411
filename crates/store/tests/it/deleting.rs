//! Deleting an archived campaign: who may, what goes and what stays.

use domain::{campaign::Campaign, permission::kind};
use store::{Error, Reason, audit, campaigns, recipients, retention};

use crate::{
    copies::give_recipients,
    fixture::{self, Installation},
};

/// With a sender of its own.
async fn archived(it: &Installation, saddr: &str) -> Campaign {
    let campaign = it.complete_draft_with(it.approved_sender_as(saddr, saddr).await).await;
    give_recipients(it, campaign.id).await;
    let author = it.enter(&it.author).await;
    campaigns::submit(&author.grant_on::<kind::EditCampaign>(campaign.id).await.unwrap()).await.unwrap();
    campaigns::archive(&author.grant_on::<kind::ArchiveCampaign>(campaign.id).await.unwrap()).await.unwrap()
}

async fn delete(it: &Installation, campaign: &Campaign) -> Result<(), Error> {
    let root = it.enter(&it.root).await;
    campaigns::delete(&root.grant_on::<kind::DeleteCampaign>(campaign.id).await?).await
}

#[tokio::test]
async fn an_archived_campaign_is_deleted_with_all_that_is_its_own() {
    let it = fixture::in_memory().await;
    let (gone, stays) = (archived(&it, "GONE").await, archived(&it, "STAYS").await);
    for person in [&it.author, &it.admin, &it.moderator] {
        let scope = it.enter(person).await;
        assert!(scope.grant_on::<kind::DeleteCampaign>(gone.id).await.is_err(), "super admins alone");
    }
    let scope = it.enter(&it.author).await;
    let total = async || store::overview::of_workspace(&scope.grant().unwrap()).await.unwrap().workspace_total();
    let before = total().await;
    delete(&it, &gone).await.unwrap();
    assert!(matches!(campaigns::find(&scope, gone.id).await, Err(Error::NotFound)));
    assert_eq!(total().await, before - 1, "the lists know it at once");
    assert!(matches!(delete(&it, &gone).await, Err(Error::NotFound)));

    let left = retention::unfinished(&it.system).await.unwrap();
    assert_eq!(left.iter().map(|removal| removal.campaign).collect::<Vec<_>>(), [gone.id]);
    let system = it.system.enter(scope.workspace_id(), Reason::Retention);
    let has = async |campaign: &Campaign| recipients::load_block(&system, campaign.id, 0).await.unwrap().is_some();
    assert!(has(&gone).await, "not removed yet");
    for removal in left {
        retention::finish(&it.system, removal).await.unwrap();
    }
    assert!(retention::unfinished(&it.system).await.unwrap().is_empty());
    assert!(!has(&gone).await && has(&stays).await, "its own, and nothing of another");
    assert!(campaigns::uploads::find(&scope, gone.id).await.unwrap().is_none());
    assert!(campaigns::uploads::find(&scope, stays.id).await.unwrap().is_some());
    let admin = it.enter(&it.admin).await;
    let record = audit::page(&admin.grant().unwrap(), None, 1).await.unwrap().remove(0);
    assert_eq!((record.action.as_str(), record.resource_id.clone()), ("campaign.deleted", gone.id.to_string()));
}

#[tokio::test]
async fn what_is_not_archived_is_not_deleted() {
    let it = fixture::in_memory().await;
    let campaign = it.submitted().await;
    let refused = delete(&it, &campaign).await.unwrap_err();
    assert!(refused.to_string().contains("archive it first"), "{refused}");
    // Of somebody who restores it and somebody who deletes it, one gets through.
    let campaign = archived(&it, "BACK").await;
    let root = it.enter(&it.root).await;
    let proof = root.grant_on::<kind::DeleteCampaign>(campaign.id).await.unwrap();
    let author = it.enter(&it.author).await;
    campaigns::restore(&author.grant_on::<kind::ArchiveCampaign>(campaign.id).await.unwrap()).await.unwrap();
    assert!(campaigns::delete(&proof).await.is_err());
    assert!(campaigns::find(&author, campaign.id).await.is_ok());
}
