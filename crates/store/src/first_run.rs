//! The first run: a fresh installation has no account, and a one-time set-up link makes the first one.

use domain::{audit::Origin, permission::Role};

use crate::{
    Error, Gate, SignedIn, Token,
    access::{
        Inner,
        link::{LINK_LIFE_MS, LinkPurpose, LinkRecord, link_key},
    },
    audit::{Chain, Event},
    members::{Membership, put_membership},
    users::{NewUser, User, put_user},
    workspaces::{NewWorkspace, created_event, put_workspace},
};

/// How long the printed set-up link is good for.
const SET_UP_LIFE_MS: i64 = 24 * 3_600_000;

/// What the first-run page collects.
#[derive(Debug, Clone)]
pub struct FirstRun {
    pub admin: NewUser,
    pub password: String,
    pub workspace: NewWorkspace,
    pub colleagues: Vec<Colleague>,
}

#[derive(Debug, Clone)]
pub struct Colleague {
    pub email: String,
    pub name: String,
    pub role: Role,
    pub moderator_flag: bool,
}

/// A colleague's link, shown once.
#[derive(Debug)]
pub struct ColleagueLink {
    pub name: String,
    pub email: String,
    pub token: Token,
}

#[derive(Debug)]
pub struct FirstRunDone {
    pub signed_in: SignedIn,
    pub slug: domain::slug::Slug,
    pub links: Vec<ColleagueLink>,
}

/// A new set-up link while there is no user; None once there is. Earlier links stay good until they expire.
pub async fn set_up_link(gate: &Gate) -> Result<Option<Token>, Error> {
    let inner = &*gate.inner;
    if inner.any_user().await? {
        return Ok(None);
    }
    let (token, record) = inner.new_link(LinkPurpose::SetUp, SET_UP_LIFE_MS)?;
    inner
        .db
        .transact(|| {
            let mut tx = crate::db::Tx::new();
            tx.create(link_key(&token), &record);
            tx
        })
        .await?;
    Ok(Some(token))
}

/// Makes the super admin, the workspace and the colleagues' links, all or nothing, and signs in.
pub async fn complete(gate: &Gate, token: &Token, run: FirstRun, origin: Origin) -> Result<FirstRunDone, Error> {
    let inner = &*gate.inner;
    if inner.link(token).await?.purpose != LinkPurpose::SetUp || inner.any_user().await? {
        return Err(Error::NotFound);
    }
    inner.check_password(&run.password, &run.admin.email).await?;
    let admin = NewUser { super_admin: true, ..run.admin };
    admin.check()?;
    let workspace = inner.new_workspace(&run.workspace)?;
    let admin = inner.new_user(&admin, Some(inner.hasher.hash(run.password).await?))?;
    let mut people: Vec<(User, Membership, Token, LinkRecord)> = Vec::with_capacity(run.colleagues.len());
    for colleague in &run.colleagues {
        let new = NewUser { email: colleague.email.clone(), name: colleague.name.clone(), super_admin: false };
        let user = inner.new_user(&new, None).map_err(|error| in_colleagues(error, &colleague.email))?;
        let mut taken = std::iter::once(&admin).chain(people.iter().map(|(user, ..)| user));
        if taken.any(|other| other.email == user.email) {
            return Err(Error::invalid("colleagues", format!("the address {} is there twice", user.email)));
        }
        let membership = Membership::new(workspace.id, user.id, colleague.role, colleague.moderator_flag);
        let (token, link) = inner.new_link(LinkPurpose::SetPassword { user: user.id }, LINK_LIFE_MS)?;
        people.push((user, membership, token, link));
    }
    let event = created_event(admin.actor(), origin.clone(), &workspace)
        .note(format!("first run, with {} colleagues", people.len()));
    inner
        .audited(Chain::Installation, event, |tx| {
            Inner::consume_link(tx, token);
            put_user(tx, &admin);
            put_workspace(tx, &workspace);
            put_membership(tx, &Membership::new(workspace.id, admin.id, Role::Admin, false));
            for (user, membership, token, link) in &people {
                put_user(tx, user);
                put_membership(tx, membership);
                tx.create(link_key(token), link);
            }
        })
        .await?;
    let joined = Event::new(admin.actor(), origin.clone(), "member.added").on("member", &admin.id);
    inner.audited(Chain::Workspace(workspace.id), joined, |_| {}).await?;
    let signed_in = inner.open_session(admin, origin, |_| {}).await?;
    let links = people
        .into_iter()
        .map(|(user, _, token, _)| ColleagueLink { name: user.name, email: user.email, token })
        .collect();
    Ok(FirstRunDone { signed_in, slug: workspace.slug, links })
}

fn in_colleagues(error: Error, email: &str) -> Error {
    match error {
        Error::Invalid { message, .. } => Error::invalid("colleagues", format!("the row of {email}: {message}")),
        other => other,
    }
}
