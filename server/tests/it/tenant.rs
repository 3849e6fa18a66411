//! A workspace with its people and a sender name that is in force.

use domain::{
    audit::Origin,
    id::{UserId, WorkspaceId},
    permission::Role,
    sender::{Addressing, Npi, RevisionRef, Saddr, SenderOrigin, Ton},
    slug::Slug,
    workspace::Workspace,
};
use store::{Gate, Scope, Session, members, senders, users, users::NewUser, workspaces, workspaces::NewWorkspace};

use crate::subject::count;

pub const PASSWORD: &str = "seven wooden boats";

/// Somebody who is signed in.
pub struct Person {
    pub id: UserId,
    pub email: String,
    pub session: Session,
    /// What their browser presents.
    pub token: String,
}

impl Person {
    pub async fn sign_up(gate: &Gate, name: &str, word: &str, super_admin: bool) -> Self {
        let email = format!("{}@{word}.example", name.replace(' ', "."));
        let new = NewUser { email: email.clone(), name: format!("{name} {word}"), super_admin };
        let (id, link) = users::create(gate, &new, None).await.unwrap();
        let entrance = gate.set_password(&link.unwrap(), PASSWORD, Origin::default()).await.unwrap();
        let signed_in = entrance.signed_in().unwrap();
        Self { id, email, session: signed_in.session, token: signed_in.token.reveal().to_owned() }
    }

    pub async fn enter(&self, gate: &Gate, slug: &Slug) -> Scope {
        gate.enter(&self.session, slug).await.unwrap()
    }
}

/// A workspace. Whatever is in it has the tenant's word in its name, so that a leak is found by that word.
pub struct Tenant {
    pub id: WorkspaceId,
    pub slug: Slug,
    pub word: &'static str,
    pub author: Person,
    pub other_author: Person,
    pub author_moderator: Person,
    pub moderator: Person,
    pub admin: Person,
    /// An admin; not blocked yet.
    pub leaver: Person,
    pub sender: RevisionRef,
}

impl Tenant {
    pub async fn found(gate: &Gate, slug: &str, word: &'static str) -> Self {
        let new = NewWorkspace {
            slug: slug.to_owned(),
            display_name: slug.to_uppercase(),
            time_zone: "Europe/Vienna".into(),
            default_country: "AT".into(),
            four_eyes: true,
        };
        let workspace = workspaces::create(gate, &new).await.unwrap();
        let slug = &workspace.slug;
        let join = async |name: &str, role, flag| {
            let person = Person::sign_up(gate, name, word, false).await;
            members::add(gate, slug, person.id, role, flag).await.unwrap();
            person
        };
        let admin = join("admin", Role::Admin, false).await;
        let moderator = join("moderator", Role::Moderator, false).await;
        let sender = sender(gate, slug, [&admin, &moderator], &format!("{word} shop"), addressing(word)).await;
        Self {
            id: workspace.id,
            word,
            author: join("author", Role::Author, false).await,
            other_author: join("other author", Role::Author, false).await,
            author_moderator: join("author moderator", Role::Author, true).await,
            leaver: join("leaver", Role::Admin, false).await,
            moderator,
            admin,
            sender,
            slug: workspace.slug.clone(),
        }
    }

    /// A sender name in force, by which the tenant's campaigns send from now on.
    pub async fn send_from(&mut self, gate: &Gate, addressing: Addressing) {
        let name = format!("{} {}", self.word, addressing.saddr);
        self.sender = sender(gate, &self.slug, [&self.admin, &self.moderator], &name, addressing).await;
    }

    /// Another workspace with the same people, as long in its name as others.
    pub async fn spare(&self, gate: &Gate) -> Workspace {
        let slug = format!("s{:05}", count());
        let new = NewWorkspace {
            display_name: slug.to_uppercase(),
            slug,
            time_zone: "UTC".into(),
            default_country: "AT".into(),
            four_eyes: true,
        };
        let spare = workspaces::create(gate, &new).await.unwrap();
        for (person, role, flag) in [
            (&self.author, Role::Author, false),
            (&self.other_author, Role::Author, false),
            (&self.author_moderator, Role::Author, true),
            (&self.moderator, Role::Moderator, false),
            (&self.admin, Role::Admin, false),
        ] {
            members::add(gate, &spare.slug, person.id, role, flag).await.unwrap();
        }
        spare
    }

    pub async fn enter(&self, gate: &Gate, person: &Person) -> Scope {
        person.enter(gate, &self.slug).await
    }

    /// The text of every campaign.
    pub fn text(&self) -> String {
        format!("Hello-from-{}", self.word)
    }

    /// Everybody but the one who leaves.
    pub fn people(&self) -> [&Person; 5] {
        [&self.author, &self.other_author, &self.author_moderator, &self.moderator, &self.admin]
    }
}

/// The first submits it and the second approves it.
async fn sender(gate: &Gate, slug: &Slug, by: [&Person; 2], name: &str, addressing: Addressing) -> RevisionRef {
    let scope = by[0].enter(gate, slug).await;
    let sender = senders::create(&scope.grant().unwrap(), name).await.unwrap();
    senders::submit_revision(&scope.grant().unwrap(), sender.id, addressing.clone(), None).await.unwrap();
    let scope = by[1].enter(gate, slug).await;
    senders::approve(&scope.grant().unwrap(), sender.id, 1).await.unwrap();
    RevisionRef {
        sender: sender.id,
        origin: SenderOrigin::Workspace,
        display_name: sender.display_name,
        revision: 1,
        addressing,
    }
}

pub fn addressing(saddr: &str) -> Addressing {
    Addressing {
        saddr: Saddr::parse(&saddr.to_uppercase()).unwrap(),
        source_ton: Ton::Alphanumeric,
        source_npi: Npi::Unknown,
        destination_ton: Ton::International,
        destination_npi: Npi::Isdn,
    }
}
