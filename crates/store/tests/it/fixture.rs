//! An installation with one workspace and its people, in memory or in a temporary folder.

use std::{path::Path, sync::Arc};

use domain::{
    audit::Origin,
    campaign::{Campaign, IngestReport, Mode, Parameters},
    clock::ManualClock,
    permission::{Role, kind},
    sender::{Addressing, Npi, RevisionRef, Saddr, SenderOrigin, Ton},
    slug::Slug,
};
use store::{
    Engine, Gate, Scope, Session, SignedIn, StoreConfig, SystemDoor, campaigns, first_run,
    first_run::{Colleague, FirstRun},
    users::NewUser,
    workspaces::NewWorkspace,
};

pub const PASSWORD: &str = "seven wooden boats";
pub const START_MS: i64 = 1_790_000_000_000;

pub struct Installation {
    pub gate: Gate,
    pub system: SystemDoor,
    pub clock: Arc<ManualClock>,
    pub root: Session,
    pub author: Session,
    pub author_moderator: Session,
    pub moderator: Session,
    pub admin: Session,
    dir: tempfile::TempDir,
}

pub fn slug() -> Slug {
    Slug::parse("acme").unwrap()
}

pub fn origin() -> Origin {
    Origin { address: "192.0.2.7".into(), user_agent: "test".into(), request_id: "r-1".into() }
}

pub async fn in_memory() -> Installation {
    let dir = tempfile::tempdir().unwrap();
    install(Engine::Memory, dir, false).await
}

/// One that sends mails.
pub async fn with_mail() -> Installation {
    let dir = tempfile::tempdir().unwrap();
    install(Engine::Memory, dir, true).await
}

pub async fn on_disk() -> Installation {
    let dir = tempfile::tempdir().unwrap();
    install(Engine::disk(dir.path().join("db")), dir, false).await
}

async fn install(engine: Engine, dir: tempfile::TempDir, sends_mail: bool) -> Installation {
    let clock = Arc::new(ManualClock::at(START_MS));
    let config = StoreConfig { sends_mail, ..StoreConfig::new(engine, dir.path().join("keys")) };
    let opened = store::open(config, clock.clone()).await.unwrap();
    let gate = opened.gate;
    let token = first_run::set_up_link(&gate).await.unwrap().expect("a fresh installation has a set-up link");
    let colleague = |name: &str, role, moderator_flag| Colleague {
        email: format!("{name}@acme.example"),
        name: name.to_owned(),
        role,
        moderator_flag,
    };
    let run = FirstRun {
        admin: NewUser { email: "root@acme.example".into(), name: "Root".into(), super_admin: true },
        password: PASSWORD.into(),
        workspace: NewWorkspace {
            slug: "acme".into(),
            display_name: "Acme".into(),
            time_zone: "Europe/Vienna".into(),
            default_country: "AT".into(),
            four_eyes: true,
        },
        colleagues: vec![
            colleague("author", Role::Author, false),
            colleague("both", Role::Author, true),
            colleague("moderator", Role::Moderator, false),
            colleague("admin", Role::Admin, false),
        ],
    };
    let done = first_run::complete(&gate, &token, run, origin()).await.unwrap();
    let mut sessions = Vec::new();
    for link in &done.links {
        let entrance = gate.set_password(&link.token, PASSWORD, origin()).await.unwrap();
        sessions.push(entrance.signed_in().expect("no second factor").session);
    }
    let mut sessions = sessions.into_iter();
    let mut next = || sessions.next().unwrap();
    Installation {
        author: next(),
        author_moderator: next(),
        moderator: next(),
        admin: next(),
        root: done.signed_in.session,
        gate,
        system: opened.system,
        clock,
        dir,
    }
}

impl Installation {
    /// Of one on disk: what it has written so far, opened by another process.
    pub async fn as_a_kill_leaves_it(&self) -> (tempfile::TempDir, Gate) {
        let next = tempfile::tempdir().unwrap();
        copy(self.dir.path(), next.path());
        let config = StoreConfig::new(Engine::disk(next.path().join("db")), next.path().join("keys"));
        let opened = store::open(config, self.clock.clone()).await.unwrap();
        (next, opened.gate)
    }

    /// Signs somebody in who has no second factor.
    pub async fn sign_in(&self, email: &str) -> SignedIn {
        let entrance = self.gate.sign_in(email, PASSWORD, origin()).await.unwrap().unwrap();
        entrance.signed_in().expect("no second factor")
    }

    pub async fn enter(&self, session: &Session) -> Scope {
        self.gate.enter(session, &slug()).await.unwrap()
    }

    /// A sender with an approved revision.
    pub async fn approved_sender(&self) -> RevisionRef {
        self.approved_sender_as("Acme", "ACME").await
    }

    pub async fn approved_sender_as(&self, name: &str, saddr: &str) -> RevisionRef {
        let admin = self.enter(&self.admin).await;
        let sender = store::senders::create(&admin.grant().unwrap(), name).await.unwrap();
        let addressing = addressing(saddr);
        store::senders::submit_revision(&admin.grant().unwrap(), sender.id, addressing.clone(), None).await.unwrap();
        let moderator = self.enter(&self.moderator).await;
        store::senders::approve(&moderator.grant().unwrap(), sender.id, 1).await.unwrap();
        RevisionRef {
            sender: sender.id,
            origin: SenderOrigin::Workspace,
            display_name: sender.display_name,
            revision: 1,
            addressing,
        }
    }

    /// A complete draft of the author's, with recipients read.
    pub async fn complete_draft(&self) -> Campaign {
        let sender = self.approved_sender().await;
        self.complete_draft_with(sender).await
    }

    /// The same, with a sender that is in force.
    pub async fn complete_draft_with(&self, sender: RevisionRef) -> Campaign {
        let scope = self.enter(&self.author).await;
        let draft = campaigns::create(&scope.grant::<kind::CreateCampaign>().unwrap(), Mode::OnDemand).await.unwrap();
        let proof = scope.grant_on::<kind::EditCampaign>(draft.id).await.unwrap();
        let parameters = Parameters {
            name: "Maintenance".into(),
            sender: Some(sender),
            channel: "simulator".into(),
            text: "Planned maintenance tonight".into(),
            ..draft.parameters.clone()
        };
        campaigns::save(&proof, parameters, true).await.unwrap();
        let proof = scope.grant_on::<kind::EditCampaign>(draft.id).await.unwrap();
        let (upload, _) = campaigns::uploads::begin(&proof, "staff.txt", 12).await.unwrap();
        let upload = campaigns::uploads::received(&proof, &upload).await.unwrap();
        let upload = campaigns::uploads::read_as(&proof, &upload, Default::default()).await.unwrap();
        let report = IngestReport { lines: 3, accepted: 3, segments: 3, ..IngestReport::default() };
        let system = self.system.enter(scope.workspace_id(), store::Reason::Ingest);
        campaigns::uploads::finish(&system, &upload, "Planned maintenance tonight", Ok(report)).await.unwrap()
    }

    /// The same, submitted.
    pub async fn submitted(&self) -> Campaign {
        let sender = self.approved_sender().await;
        self.submitted_with(sender).await
    }

    pub async fn submitted_with(&self, sender: RevisionRef) -> Campaign {
        let draft = self.complete_draft_with(sender).await;
        let scope = self.enter(&self.author).await;
        let proof = scope.grant_on::<kind::EditCampaign>(draft.id).await.unwrap();
        campaigns::submit(&proof).await.unwrap()
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

pub fn addressing(saddr: &str) -> Addressing {
    Addressing {
        saddr: Saddr::parse(saddr).unwrap(),
        source_ton: Ton::Alphanumeric,
        source_npi: Npi::Unknown,
        destination_ton: Ton::International,
        destination_npi: Npi::Isdn,
    }
}
