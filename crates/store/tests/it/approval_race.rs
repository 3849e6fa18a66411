//! A hundred people approve one campaign at the same time: one wins, and one audit record says so. Fifty people who each
//! decide two of fifty campaigns make fifty decisions.

use domain::{
    campaign::Status,
    permission::{Role, kind},
};
use store::{Error, Scope, campaigns, members, users, users::NewUser};

use crate::fixture::{self, Installation, PASSWORD, origin, slug};

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
    Box::pin(race(fixture::in_memory().await)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_disk_exactly_one_wins() {
    Box::pin(race(fixture::on_disk().await)).await;
}

const PEOPLE: usize = 50;

async fn moderator(it: &Installation, number: usize) -> Scope {
    let new =
        NewUser { email: format!("judge{number}@acme.example"), name: format!("Judge {number}"), super_admin: false };
    let (user, link) = users::create(&it.gate, &new, None).await.unwrap();
    members::add(&it.gate, &slug(), user, Role::Moderator, false).await.unwrap();
    let entrance = it.gate.set_password(&link.unwrap(), PASSWORD, origin()).await.unwrap();
    it.enter(&entrance.signed_in().unwrap().session).await
}

/// Each campaign is approved by one person and rejected by another at the same time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_people_who_decide_fifty_campaigns_twice_make_fifty_decisions() {
    let it = fixture::in_memory().await;
    let sender = it.approved_sender().await;
    let (mut people, mut waiting) = (Vec::new(), Vec::new());
    for number in 0..PEOPLE {
        people.push(moderator(&it, number).await);
        waiting.push(it.submitted_with(sender.clone()).await);
    }
    let mut tasks = Vec::new();
    for (number, person) in people.into_iter().enumerate() {
        let proof = person.grant::<kind::DecideCampaign>().unwrap();
        for (approves, index) in [(true, number), (false, (number + 1) % PEOPLE)] {
            let (proof, id, version) = (proof.clone(), waiting[index].id, waiting[index].life.version);
            tasks.push(tokio::spawn(async move {
                if approves {
                    campaigns::approve(&proof, id, version).await
                } else {
                    campaigns::reject(&proof, id, version, "Not today").await
                }
            }));
        }
    }
    let mut decisions = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => decisions += 1,
            Err(Error::Stale { what }) => assert!(what.starts_with("already "), "{what}"),
            Err(other) => panic!("a loser must be told who was first, not: {other}"),
        }
    }
    assert_eq!(decisions, PEOPLE);

    let admin = it.enter(&it.admin).await;
    let mut log = store::audit::page(&admin.grant().unwrap(), None, 5_000).await.unwrap();
    let decided = ["campaign.approved", "campaign.rejected"];
    assert_eq!(log.iter().filter(|record| decided.contains(&record.action.as_str())).count(), PEOPLE);
    for campaign in &waiting {
        let after = campaigns::find(&admin, campaign.id).await.unwrap();
        assert!(matches!(after.life.status, Status::Building | Status::Cancelled));
    }
    log.reverse();
    assert_eq!(store::audit::first_break(&log), None);
}
