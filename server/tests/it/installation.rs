//! Two tenants that know nothing of each other, each with a campaign of each of two authors, and a super admin.

use domain::sender::Offered;
use server::assets;
use store::{
    first_run, policies,
    senders::{self, installation::NewPreset},
    tendlc::staff as tendlc_staff,
    users,
};

use crate::{
    actor::Actor,
    case::Case,
    server::Server,
    subject::{self, Names, Subject, count, fresh_token, make},
    tenant::{Person, Tenant, addressing},
};

/// An id that nothing has.
pub const MISSING_ID: &str = "019d0000-0000-7000-8000-000000000000";
/// A slug that no workspace has, as long as that of the other tenant.
pub const MISSING_SLUG: &str = "glibex";

pub struct Installation {
    pub server: Server,
    /// The tenant that requests are about.
    pub acme: Tenant,
    /// The tenant of the stranger.
    pub globex: Tenant,
    root: Person,
    /// Has to do with the 10DLC of acme.
    staff: Person,
    staff_viewer: Person,
    outsider: Person,
    /// A set-up link that nobody used before the first account was there.
    set_up: String,
    acme_stands: Names,
    globex_stands: Names,
    /// A preset that no channel has.
    preset: String,
    /// A sender preset with a revision that waits.
    sender_preset: String,
}

impl Installation {
    pub async fn start() -> Self {
        let server = Server::start().await;
        let set_up = first_run::set_up_link(&server.gate).await.unwrap().unwrap().reveal().to_owned();
        let root = Person::sign_up(&server.gate, "root", "installation", true).await;
        let acme = Tenant::found(&server.gate, "acme", "walrus").await;
        let globex = Tenant::found(&server.gate, "globex", "zebra").await;
        users::block(&server.gate, &acme.leaver.email).await.unwrap();
        let join = async |name: &str| Person::sign_up(&server.gate, name, "provider", false).await;
        let (staff, staff_viewer, outsider) = (join("staff").await, join("staff viewer").await, join("outsider").await);
        for (person, actor) in [(&staff, Actor::Staff), (&staff_viewer, Actor::StaffViewer)] {
            let role = actor.staff().unwrap();
            tendlc_staff::assign_by_command(&server.gate, &acme.slug, &person.email, role).await.unwrap();
        }
        let acme_stands = stand(&server, &acme).await;
        let globex_stands = stand(&server, &globex).await;
        let config = domain::policy::PresetConfig { name: "Quiet".into(), blacklist: true, ..Default::default() };
        let preset = policies::add(&server.gate.rule(&root.session).unwrap(), config).await.unwrap().id.to_string();
        let new = NewPreset {
            display_name: "House".into(),
            addressing: addressing("house"),
            reason: None,
            offered: Offered::Everybody,
        };
        let made = senders::installation::create(&server.gate.rule(&root.session).unwrap(), new).await.unwrap();
        let sender_preset = made.id.to_string();
        Self {
            server,
            acme,
            globex,
            root,
            staff,
            staff_viewer,
            outsider,
            set_up,
            acme_stands,
            globex_stands,
            preset,
            sender_preset,
        }
    }

    pub fn person(&self, actor: Actor) -> Option<&Person> {
        match actor {
            Actor::Anonymous => None,
            Actor::Stranger => Some(&self.globex.admin),
            Actor::Blocked => Some(&self.acme.leaver),
            Actor::Author => Some(&self.acme.author),
            Actor::OtherAuthor => Some(&self.acme.other_author),
            Actor::AuthorModerator => Some(&self.acme.author_moderator),
            Actor::Moderator => Some(&self.acme.moderator),
            Actor::Admin => Some(&self.acme.admin),
            Actor::SuperAdmin => Some(&self.root),
            Actor::Staff => Some(&self.staff),
            Actor::StaffViewer => Some(&self.staff_viewer),
            Actor::Outsider => Some(&self.outsider),
        }
    }

    /// What a case is about, in the tenant: what stands there, or something new of `owner`'s.
    pub async fn subject(&self, tenant: &Tenant, owner: &Person, about: Subject) -> Names {
        let stands = if tenant.id == self.acme.id { &self.acme_stands } else { &self.globex_stands };
        if about == Subject::Standing { stands.clone() } else { make(&self.server, tenant, owner, about).await }
    }

    /// The subject with what requests need besides.
    pub fn complete(&self, subject: Names, actor: Actor) -> Names {
        let style = assets::manifest().css;
        assert!(!style.is_empty(), "the pages' files are not embedded: ./x build makes them");
        subject
            .with("email", &self.person(actor).unwrap_or(&self.acme.author).email)
            .with("session", &self.person(actor).unwrap_or(&self.acme.author).session.id())
            .with("set_up", &self.set_up)
            .with("count", &count())
            .with("step", "2")
            .with("link", "carrier-a")
            .with("pool", "both")
            .with("preset", &self.preset)
            .with("sender_preset", &self.sender_preset)
            .with("recipient", "0")
            .with("*path", style.trim_start_matches("/pkg/"))
            .with("*any", "nowhere")
    }

    /// The session that an actor presents.
    pub async fn token(&self, case: &Case, actor: Actor) -> Option<String> {
        let person = self.person(actor)?;
        // A blocked person has no way to another one.
        let fresh = case.ends_session && actor != Actor::Blocked;
        Some(if fresh { fresh_token(&self.server, person).await } else { person.token.clone() })
    }

    /// What an answer to the actor must not hold: the words and ids of the tenant that is not theirs.
    pub fn secrets(&self, actor: Actor) -> Vec<String> {
        let of = |tenant: &Tenant, stands: &Names| {
            let mut secrets = vec![tenant.word.to_owned()];
            // The own request may be echoed, with the slug and ids that were in it.
            if actor.capacity().is_some() {
                secrets.extend(["id", "other", "sender"].map(|key| stands.get(key).to_owned()));
                secrets.extend(tenant.people().map(|person| person.id.to_string()));
            }
            // A super admin reads the names of all workspaces.
            if !matches!(actor, Actor::SuperAdmin) && actor.capacity().is_some() {
                secrets.push(tenant.slug.to_string());
            }
            secrets
        };
        match actor {
            Actor::Anonymous | Actor::Blocked | Actor::Outsider => {
                [of(&self.acme, &self.acme_stands), of(&self.globex, &self.globex_stands)].concat()
            }
            Actor::Stranger => of(&self.acme, &self.acme_stands),
            _ => of(&self.globex, &self.globex_stands),
        }
    }
}

/// The author's campaign, which requests are about, and the other author's.
async fn stand(server: &Server, tenant: &Tenant) -> Names {
    let campaign = subject::standing(server, tenant, &tenant.author).await;
    let other = subject::standing(server, tenant, &tenant.other_author).await;
    Names::default()
        .with("slug", &tenant.slug)
        .with("sender", &tenant.sender.sender)
        .with("saddr", &tenant.sender.addressing.saddr)
        .with("text", &tenant.text())
        .with("id", &campaign.id)
        .with("other", &other.id)
}
