//! A hundred people approve one campaign at the same time: one wins, and one audit record says so.

use domain::{campaign::Status, permission::kind};
use store::{Error, campaigns};

use crate::fixture::{self, Installation};

async fn race(installation: Installation) {
    let campaign = installation.submitted().await;
    let moderator = installation.enter(&installation.moderator).await;
    let admin = installation.enter(&installation.admin).await;
    let tasks: Vec<_> = (0..100)
        .map(|index| {
            let scope = if index % 2 == 0 { moderator.clone() } else { admin.clone() };
            let (id, version) = (campaign.id, campaign.life.version);
            tokio::spawn(async move {
                let proof = scope.grant::<kind::DecideCampaign>().unwrap();
                campaigns::approve(&proof, id, version).await
            })
        })
        .collect();
    let mut winners = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => winners += 1,
            Err(Error::Stale { what }) => assert!(what.starts_with("already approved by "), "{what}"),
            Err(other) => panic!("a loser must be told who was first, not: {other}"),
        }
    }
    assert_eq!(winners, 1);

    let admin = installation.enter(&installation.admin).await;
    let approved = campaigns::find(&admin, campaign.id).await.unwrap();
    assert_eq!(approved.life.status, Status::Building);
    let log = store::audit::page(&admin.grant().unwrap(), None, 500).await.unwrap();
    assert_eq!(log.iter().filter(|record| record.action == "campaign.approved").count(), 1);
    let mut oldest_first = log;
    oldest_first.reverse();
    assert_eq!(store::audit::first_break(&oldest_first), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_memory_exactly_one_wins() {
    race(fixture::in_memory().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_disk_exactly_one_wins() {
    race(fixture::on_disk().await).await;
}
