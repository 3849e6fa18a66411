//! Decisions of programs that were cut off before their answer, and are repeated with the same `Idempotency-Key`: each is
//! made once, whatever a person does with the campaign in between, and none is refused for good.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use domain::{
    api_key::{
        Scope,
        kind::{CampaignsControl, CampaignsWrite},
    },
    audit::Origin,
    campaign::Campaign,
    id::CampaignId,
    permission::kind::{ArchiveCampaign, ControlCampaign, EditCampaign},
};
use futures::FutureExt;
use store::{
    Error, On,
    api_keys::{ApiSecret, KeyScope},
    campaigns,
    idempotency::{self, Claim, Seen},
};
use tower::ServiceExt;

use crate::{
    answer::Answer,
    api::{json, make, with_key},
    installation::Installation,
    server::PATIENCE,
    subject::{Stage, Subject},
};

const KEY: &str = "decision 1";

/// What is done from which stage, and what a person does afterwards.
const ACTIONS: [(&str, Stage, Option<&str>); 8] = [
    ("submit", Stage::Draft, None),
    ("start", Stage::Approved, Some("cancel")),
    ("pause", Stage::Sending, Some("resume")),
    ("resume", Stage::Paused, Some("pause")),
    ("cancel", Stage::Sending, Some("archive")),
    ("finish", Stage::Taking, Some("pause")),
    ("archive", Stage::New, Some("restore")),
    ("restore", Stage::Archived, Some("archive")),
];

struct Proofs {
    edit: On<EditCampaign>,
    control: On<ControlCampaign>,
    archive: On<ArchiveCampaign>,
}

impl Proofs {
    fn for_request(self, claim: &Claim) -> Self {
        let Self { edit, control, archive } = self;
        Self { edit: edit.for_request(claim), control: control.for_request(claim), archive: archive.for_request(claim) }
    }

    async fn act(&self, action: &str) -> Result<Campaign, Error> {
        match action {
            "submit" => campaigns::submit(&self.edit).await,
            "start" => campaigns::start(&self.control).await,
            "pause" => campaigns::pause(&self.control).await,
            "resume" => campaigns::resume(&self.control).await,
            "cancel" => campaigns::cancel(&self.control).await,
            "finish" => campaigns::finish(&self.control).await,
            "archive" => campaigns::archive(&self.archive).await,
            "restore" => campaigns::restore(&self.archive).await,
            other => panic!("{other}"),
        }
    }
}

/// A campaign and a program that decides about it.
struct World<'a> {
    it: &'a Installation,
    secret: ApiSecret,
    id: CampaignId,
    path: String,
}

impl<'a> World<'a> {
    async fn of(it: &'a Installation, action: &str, stage: Stage) -> Self {
        let names = it.subject(&it.acme, &it.acme.admin, Subject::Campaign(stage)).await;
        let id = names.get("id").parse().unwrap();
        let secret = make(&it.server, &it.acme, Scope::ALL, 365).await;
        Self { it, secret, id, path: format!("/api/v1/campaigns/{id}/{action}") }
    }

    fn request(&self) -> Request<Body> {
        let request = Request::post(&self.path).header(header::CONTENT_TYPE, "application/json");
        let request = request.header("idempotency-key", KEY).body(Body::from("{}")).unwrap();
        with_key(request, Some(&self.secret))
    }

    async fn repeat(&self) -> Answer {
        Answer::to(&self.it.server.router, self.request()).await
    }

    async fn program(&self) -> KeyScope {
        self.it.server.gate.enter_key(&self.secret, Origin::default()).await.unwrap()
    }

    async fn claim(&self, program: &KeyScope) -> Claim {
        let what: [&[u8]; 3] = [b"POST", self.path.as_bytes(), b"{}"];
        let request = idempotency::Request::new(program, KEY, &what).unwrap();
        match idempotency::begin(program, &request).await.unwrap() {
            Seen::First(claim) => claim,
            other => panic!("{other:?}"),
        }
    }

    /// As the handler does it, whose process ends before the answer is on record.
    async fn decide_and_be_killed(&self, action: &str) {
        let program = self.program().await;
        let claim = self.claim(&program).await;
        let proofs = Proofs {
            edit: program.grant_on::<CampaignsWrite, _>(self.id).await.unwrap(),
            control: program.grant_on::<CampaignsControl, _>(self.id).await.unwrap(),
            archive: program.grant_on::<CampaignsWrite, _>(self.id).await.unwrap(),
        };
        proofs.for_request(&claim).act(action).await.unwrap();
    }

    async fn act_in_person(&self, action: &str) {
        let admin = self.it.acme.enter(&self.it.server.gate, &self.it.acme.admin).await;
        let proofs = Proofs {
            edit: admin.grant_on(self.id).await.unwrap(),
            control: admin.grant_on(self.id).await.unwrap(),
            archive: admin.grant_on(self.id).await.unwrap(),
        };
        proofs.act(action).await.unwrap();
    }

    async fn campaign(&self) -> Campaign {
        let admin = self.it.acme.enter(&self.it.server.gate, &self.it.acme.admin).await;
        campaigns::find(&admin, self.id).await.unwrap()
    }
}

fn is_replayed(answer: &Answer) -> bool {
    answer.headers.contains_key("idempotency-replayed")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_decided_before_a_kill_is_not_decided_again() {
    let it = Installation::start().await;
    for (action, stage, undone) in ACTIONS {
        let world = World::of(&it, action, stage).await;
        world.decide_and_be_killed(action).await;
        if let Some(undone) = undone {
            world.act_in_person(undone).await;
        }
        let before = world.campaign().await;
        let answer = world.repeat().await;
        assert_eq!(answer.status, StatusCode::OK, "{action}: {answer:?}");
        assert!(is_replayed(&answer), "{action}");
        assert_eq!(world.campaign().await, before, "{action}");
        assert_eq!(json(&answer)["id"], world.id.to_string(), "{action}");
        let again = world.repeat().await;
        assert_eq!((again.status, &again.body), (StatusCode::OK, &answer.body), "{action}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_decided_before_a_kill_is_decided_once() {
    let it = Installation::start().await;
    for (action, stage, _) in ACTIONS {
        let world = World::of(&it, action, stage).await;
        let before = world.campaign().await;
        drop(world.claim(&world.program().await).await);
        let answer = world.repeat().await;
        assert_eq!(answer.status, StatusCode::OK, "{action}: {answer:?}");
        assert!(!is_replayed(&answer), "{action}");
        let again = world.repeat().await;
        assert_eq!((again.status, &again.body), (StatusCode::OK, &answer.body), "{action}");
        assert!(is_replayed(&again), "{action}");
        assert_eq!(world.campaign().await.revision, before.revision + 1, "{action}");
    }
}

/// The program goes away in the middle, and comes back while its request is worked on.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_under_way_when_the_connection_is_cut_comes_to_its_end() {
    let it = Installation::start().await;
    for (action, stage, _) in ACTIONS {
        let world = World::of(&it, action, stage).await;
        let before = world.campaign().await;
        let cut = it.server.router.clone().oneshot(world.request()).now_or_never();
        assert!(cut.is_none(), "{action}: it was answered before it could be cut");
        let begun = std::time::Instant::now();
        while world.campaign().await.revision == before.revision {
            assert!(begun.elapsed() < PATIENCE, "{action}: it went away with the program");
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        let mut answer = world.repeat().await;
        while answer.status == StatusCode::CONFLICT {
            assert!(begun.elapsed() < PATIENCE, "{action}: {answer:?}");
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            answer = world.repeat().await;
        }
        assert_eq!(answer.status, StatusCode::OK, "{action}: {answer:?}");
        assert!(is_replayed(&answer), "{action}");
        assert_eq!(world.campaign().await.revision, before.revision + 1, "{action}");
    }
}
