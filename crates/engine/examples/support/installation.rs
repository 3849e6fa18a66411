//! A fresh installation with a campaign that waits for its recipients, made through the same doors as a person's clicks.

use domain::{
    audit::Origin,
    campaign::{Mode, Parameters},
    id::CampaignId,
    permission::{Role, kind},
    sender::{Addressing, Npi, RevisionRef, Saddr, SenderOrigin, Ton},
    slug::Slug,
};
use store::{
    Error, On, Opened, Scope, Session, campaigns,
    first_run::{self, Colleague, FirstRun},
    users::NewUser,
    workspaces::NewWorkspace,
};

use super::Failure;

/// Of everybody.
pub const PASSWORD: &str = "seven wooden boats";
/// The link that the campaign is sent by.
pub const CHANNEL: &str = "simulator";

/// A campaign on demand without recipients.
pub struct Draft {
    pub campaign: CampaignId,
    /// Whoever makes it.
    pub author: Scope,
    /// Whoever approves it.
    pub moderator: Session,
}

impl Draft {
    /// Proof of the author's right to change the campaign, good for one change.
    pub async fn edit(&self) -> Result<On<kind::EditCampaign>, Error> {
        self.author.grant_on(self.campaign).await
    }
}

/// Makes workspace, people, an approved sender and the draft.
pub async fn draft(opened: &Opened, text: &str) -> Result<Draft, Failure> {
    let (gate, origin) = (&opened.gate, Origin::default());
    let token = first_run::set_up_link(gate).await?.ok_or("not a fresh installation")?;
    let colleague = |name: &str, role| Colleague {
        email: format!("{name}@bench.example"),
        name: name.to_owned(),
        role,
        moderator_flag: false,
    };
    let run = FirstRun {
        admin: NewUser { email: "root@bench.example".into(), name: "Root".into(), super_admin: true },
        password: PASSWORD.into(),
        workspace: NewWorkspace {
            slug: "bench".into(),
            display_name: "Bench".into(),
            time_zone: "Europe/Vienna".into(),
            default_country: "AT".into(),
            four_eyes: true,
        },
        colleagues: vec![colleague("author", Role::Admin), colleague("moderator", Role::Moderator)],
    };
    let done = first_run::complete(gate, &token, run, origin.clone()).await?;
    let mut sessions = Vec::new();
    for link in &done.links {
        let entrance = gate.set_password(&link.token, PASSWORD, origin.clone()).await?;
        sessions.extend(entrance.signed_in().map(|signed_in| signed_in.session));
    }
    let moderator = sessions.pop().ok_or("no moderator")?;
    let author = sessions.pop().ok_or("no author")?;
    let author = gate.enter(&author, &slug()?).await?;
    let sender = store::senders::create(&author.grant()?, "Bench").await?;
    let addressing = Addressing {
        saddr: Saddr::parse("BENCH")?,
        source_ton: Ton::Alphanumeric,
        source_npi: Npi::Unknown,
        destination_ton: Ton::International,
        destination_npi: Npi::Isdn,
    };
    store::senders::submit_revision(&author.grant()?, sender.id, addressing.clone(), None).await?;
    let decides = gate.enter(&moderator, &slug()?).await?;
    store::senders::approve(&decides.grant()?, sender.id, 1).await?;

    let draft = campaigns::create(&author.grant::<kind::CreateCampaign>()?, Mode::OnDemand).await?;
    let parameters = Parameters {
        name: "Bench".into(),
        sender: Some(RevisionRef {
            sender: sender.id,
            origin: SenderOrigin::Workspace,
            display_name: sender.display_name,
            revision: 1,
            addressing,
        }),
        channel: CHANNEL.into(),
        text: text.into(),
        ..draft.parameters.clone()
    };
    campaigns::save(&author.grant_on(draft.id).await?, parameters, true).await?;
    Ok(Draft { campaign: draft.id, author, moderator })
}

/// Approves the version that was submitted: it may be sent from now on.
pub async fn approve(opened: &Opened, draft: &Draft) -> Result<(), Failure> {
    let decides = opened.gate.enter(&draft.moderator, &slug()?).await?;
    let version = campaigns::find(&decides, draft.campaign).await?.life.version;
    campaigns::approve(&decides.grant()?, draft.campaign, version).await?;
    Ok(())
}

fn slug() -> Result<Slug, Failure> {
    Ok(Slug::parse("bench")?)
}
