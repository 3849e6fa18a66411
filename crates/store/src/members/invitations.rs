//! Invitations: one open at a time for each workspace and address. The link's token is kept as a hash; a new link takes
//! the place of the earlier one.

use domain::{
    audit::Origin,
    email::Email,
    id::{InvitationId, UserId, WorkspaceId},
    members::{INVITATION_LIFE_MS, INVITATIONS_MAX, Invitation, Standing, check_note},
    permission::{Role, kind},
    slug::Slug,
    workspace::Workspace,
};
use serde::{Deserialize, Serialize};
use surrealdb::types::{RecordId, SurrealValue, Value, Variables};

use super::{NewMembership, first_tenure, joining, tenure_changes};
use crate::{
    Error, Gate, Granted, Ruler, Session, SignedIn, Token,
    access::Inner,
    audit::{Chain, Event},
    db::{Abort, Tx, key, tx::Columns},
    notices::outbox::MailRecord,
    users::{NewUser, put_user},
};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Record {
    workspace: WorkspaceId,
    pub(crate) invitation: Invitation,
    /// SHA-256 of the token of the link that was shown.
    token: String,
    /// The same of the link that was sent by mail.
    mail_token: Option<String>,
    revision: u64,
}

impl Columns for Record {
    fn columns(&self) -> Vec<(&'static str, Value)> {
        let mut columns = vec![("token", self.token.clone().into_value())];
        columns.extend(self.mail_token.clone().map(|token| ("mail_token", token.into_value())));
        columns
    }
}

/// The address is the key, so that it has one invitation at most.
fn invitation_key(workspace: WorkspaceId, email: &str) -> RecordId {
    key::of("invitation", workspace, [key::id(email)])
}

/// Whoever becomes a member needs no invitation any more.
pub(super) fn forget(tx: &mut Tx, workspace: WorkspaceId, email: &str) {
    tx.delete(invitation_key(workspace, email));
}

/// What an admin asks for.
#[derive(Debug, Clone)]
pub struct NewInvitation {
    pub email: String,
    pub standing: Standing,
    /// The membership ends then; None: it stays.
    pub member_until_ms: Option<i64>,
    pub note: String,
}

/// What the holder of a link sees.
#[derive(Debug, Clone)]
pub struct Offer {
    pub workspace: Workspace,
    pub invitation: Invitation,
    /// The address belongs to an account: its owner signs in to accept.
    pub has_account: bool,
}

/// What a mail with an invitation says. The token is made for this mail.
#[derive(Debug)]
pub(crate) struct MailOffer {
    pub(crate) workspace_name: String,
    pub(crate) invitation: Invitation,
    pub(crate) token: Token,
}

/// The invitations that were not accepted, newest first; some may have expired.
pub async fn list(scope: &Granted<kind::ManageMembers>) -> Result<Vec<Invitation>, Error> {
    let mut invitations: Vec<Invitation> =
        records(scope.inner(), scope.workspace_id()).await?.into_iter().map(|record| record.invitation).collect();
    invitations.sort_by_key(|invitation| std::cmp::Reverse(invitation.invited_at_ms));
    Ok(invitations)
}

/// Invites an address; the token is for its link, once.
pub async fn invite(scope: &Granted<kind::ManageMembers>, new: &NewInvitation) -> Result<(Invitation, Token), Error> {
    let inner = scope.inner();
    let workspace = scope.workspace_id();
    let email = Email::parse(&new.email).map_err(|refusal| Error::invalid("email", refusal.to_string()))?;
    let note = check_note(&new.note).map_err(|refusal| Error::invalid("note", refusal.to_string()))?;
    first_tenure(new.standing, new.member_until_ms, scope.now_ms())?;
    if let Some(user) = inner.user_by_email(email.as_str()).await?
        && inner.membership(workspace, user.id).await?.is_some()
    {
        return Err(Error::invalid("email", format!("{} is a member of this workspace already", user.name)));
    }
    let earlier: Option<Record> = inner.db.get(invitation_key(workspace, email.as_str())).await?;
    if earlier.as_ref().is_some_and(|earlier| earlier.invitation.is_open(scope.now_ms())) {
        return Err(invited_already());
    }
    if earlier.is_none() && records(inner, workspace).await?.len() >= INVITATIONS_MAX {
        return Err(Error::invalid(
            "email",
            format!("a workspace has at most {INVITATIONS_MAX} invitations at a time; revoke some first"),
        ));
    }
    let now_ms = scope.now_ms();
    let invitation = Invitation {
        id: InvitationId::from_uuid(inner.new_uuid()?),
        email: email.as_str().to_owned(),
        standing: new.standing,
        member_until_ms: new.member_until_ms,
        note,
        invited_by_name: scope.user().name.clone(),
        invited_at_ms: now_ms,
        expires_at_ms: now_ms.saturating_add(INVITATION_LIFE_MS),
    };
    let issued = issue(scope, "member.invited", earlier.as_ref(), invitation).await;
    // Of two who invite the same address at once, one is told so.
    match issued {
        Err(Error::Moved) => Err(invited_already()),
        Err(Error::Stale { .. })
            if inner.db.get::<Record>(invitation_key(workspace, email.as_str())).await?.is_some() =>
        {
            Err(invited_already())
        }
        other => other,
    }
}

/// The invitation of the first admin of a workspace that is being made.
pub(crate) fn first(ruler: &Ruler, workspace: WorkspaceId, email: &str) -> Result<(Record, Token), Error> {
    let email = Email::parse(email).map_err(|refusal| Error::invalid("email", refusal.to_string()))?;
    let (now_ms, token) = (ruler.now_ms(), Token::new()?);
    let invitation = Invitation {
        id: InvitationId::from_uuid(ruler.inner().new_uuid()?),
        email: email.as_str().to_owned(),
        standing: Standing::new(Role::Admin, false),
        member_until_ms: None,
        note: None,
        invited_by_name: ruler.user().name.clone(),
        invited_at_ms: now_ms,
        expires_at_ms: now_ms.saturating_add(INVITATION_LIFE_MS),
    };
    Ok((Record { workspace, invitation, token: token.hash(), mail_token: None, revision: 1 }, token))
}

pub(crate) fn put_first(tx: &mut Tx, record: &Record) {
    tx.create(invitation_key(record.workspace, &record.invitation.email), record);
}

fn invited_already() -> Error {
    Error::invalid("email", "this address has an open invitation; make a new link for that one, or revoke it first")
}

/// A new link with a new week; the earlier one stops working.
pub async fn resend(scope: &Granted<kind::ManageMembers>, id: InvitationId) -> Result<(Invitation, Token), Error> {
    let before = find(scope.inner(), scope.workspace_id(), id).await?;
    let now_ms = scope.now_ms();
    if before.invitation.member_until_ms.is_some_and(|end_ms| end_ms <= now_ms) {
        return Err(Error::Stale {
            what: "the membership of this invitation would be over already; revoke it, and invite anew".into(),
        });
    }
    let invitation = Invitation {
        invited_by_name: scope.user().name.clone(),
        expires_at_ms: now_ms.saturating_add(INVITATION_LIFE_MS),
        ..before.invitation.clone()
    };
    issue(scope, "member.invitation_resent", Some(&before), invitation).await
}

/// The one place where a link to an invitation is made for an admin. A mail goes out with a link of its own.
async fn issue(
    scope: &Granted<kind::ManageMembers>,
    action: &'static str,
    before: Option<&Record>,
    invitation: Invitation,
) -> Result<(Invitation, Token), Error> {
    let workspace = scope.workspace_id();
    let token = Token::new()?;
    let record = Record {
        workspace,
        invitation,
        token: token.hash(),
        mail_token: None,
        revision: before.map_or(1, |before| before.revision + 1),
    };
    let event = Event::new(scope.actor(), scope.origin(), action).on("invitation", &record.invitation.id).change(
        "email",
        None,
        Some(record.invitation.email.clone()),
    );
    let event = tenure_changes(event, None, Some(record.invitation.tenure()));
    let mail = MailRecord::invitation(scope.inner(), workspace, record.invitation.id)?;
    scope
        .inner()
        .audited(Chain::Workspace(workspace), event, |tx| {
            scope.rely_on(tx);
            if let Some(mail) = &mail {
                tx.create(mail.key(), mail);
            }
            let key = invitation_key(workspace, &record.invitation.email);
            match before {
                Some(before) => tx.compare_and_set(key, before.revision, &record),
                None => tx.create(key, &record),
            }
        })
        .await?;
    Ok((record.invitation, token))
}

/// Takes an invitation back; its links stop working.
pub async fn revoke(scope: &Granted<kind::ManageMembers>, id: InvitationId) -> Result<(), Error> {
    let record = find(scope.inner(), scope.workspace_id(), id).await?;
    let event = Event::new(scope.actor(), scope.origin(), "member.invitation_revoked").on("invitation", &id).change(
        "email",
        Some(record.invitation.email.clone()),
        None,
    );
    scope
        .inner()
        .audited(Chain::Workspace(scope.workspace_id()), event, |tx| {
            scope.rely_on(tx);
            end(tx, &record);
        })
        .await
}

/// Deletes an invitation as long as it is the one that was read.
fn end(tx: &mut Tx, record: &Record) {
    let key = invitation_key(record.workspace, &record.invitation.email);
    tx.compare_and_set(key.clone(), record.revision, &Record { revision: record.revision + 1, ..record.clone() });
    tx.delete(key);
}

async fn records(inner: &Inner, workspace: WorkspaceId) -> Result<Vec<Record>, Error> {
    let mut vars = Variables::new();
    vars.insert("range", key::all("invitation", workspace, []));
    inner.db.docs("SELECT VALUE doc FROM $range", vars).await
}

async fn find(inner: &Inner, workspace: WorkspaceId, id: InvitationId) -> Result<Record, Error> {
    let records = records(inner, workspace).await?;
    records.into_iter().find(|record| record.invitation.id == id).ok_or(Error::NotFound)
}

/// The open invitation of a presented link, and its workspace; expired, revoked, used and never made are the same.
async fn presented(inner: &Inner, token: &Token) -> Result<(Record, Workspace), Error> {
    for column in ["token", "mail_token"] {
        let mut vars = Variables::new();
        vars.insert("hash", token.hash());
        let found: Vec<Record> =
            inner.db.docs(&format!("SELECT VALUE doc FROM invitation WHERE {column} = $hash"), vars).await?;
        let Some(record) = found.into_iter().find(|record| record.invitation.is_open(inner.now_ms())) else {
            continue;
        };
        let workspace: Option<Workspace> = inner.db.get(key::global("workspace", record.workspace)).await?;
        let workspace = workspace.filter(|workspace| workspace.archived_at_ms.is_none()).ok_or(Error::NotFound)?;
        return Ok((record, workspace));
    }
    Err(Error::NotFound)
}

impl Gate {
    /// What a presented link offers; [`Error::NotFound`] when it is unknown, used, revoked or expired.
    pub async fn invitation(&self, token: &Token) -> Result<Offer, Error> {
        let (Record { invitation, .. }, workspace) = presented(&self.inner, token).await?;
        let has_account = self.inner.user_by_email(&invitation.email).await?.is_some();
        Ok(Offer { workspace, invitation, has_account })
    }

    /// Accepts as somebody new: makes the account, and signs in.
    pub async fn accept_invitation(
        &self,
        token: &Token,
        name: &str,
        password: &str,
        origin: Origin,
    ) -> Result<(SignedIn, Slug), Error> {
        let inner = &*self.inner;
        let (record, workspace) = presented(inner, token).await?;
        if inner.user_by_email(&record.invitation.email).await?.is_some() {
            return Err(Error::Stale {
                what: "this address has an account already: sign in with it, and open the link again".into(),
            });
        }
        let new = NewUser { email: record.invitation.email.clone(), name: name.to_owned(), super_admin: false };
        new.check()?;
        inner.check_password(password, &new.email).await?;
        let user = inner.new_user(&new, Some(inner.hasher.hash(password.to_owned()).await?))?;
        let begun = inner.new_membership(workspace.id, user.id, record.invitation.tenure()).await?;
        let joined = joined(Event::new(user.actor(), origin.clone(), "member.joined"), user.id, &record)
            .note("with a new account".to_owned());
        let accepted = inner
            .audited(Chain::Workspace(workspace.id), joined, |tx| {
                accept(tx, &record, &workspace, &begun);
                put_user(tx, &user);
            })
            .await;
        not_twice(accepted)?;
        let created = Event::new(user.actor(), origin.clone(), "user.created")
            .on("user", &user.id)
            .change("email", None, Some(user.email.clone()))
            .note("accepted an invitation".to_owned());
        inner.audited(Chain::Installation, created, |_| {}).await?;
        let signed_in = inner.open_session(user, origin, |_| {}).await?;
        Ok((signed_in, workspace.slug))
    }

    /// Accepts as the person who is signed in; the invitation has to be for their address.
    pub async fn accept_invitation_as(&self, session: &Session, token: &Token) -> Result<Slug, Error> {
        let inner = &*self.inner;
        let (record, workspace) = presented(inner, token).await?;
        let user = session.user();
        if user.email != record.invitation.email {
            return Err(Error::Stale {
                what: "this invitation is for another address; sign out, and open the link again".into(),
            });
        }
        let begun = inner.new_membership(workspace.id, user.id, record.invitation.tenure()).await?;
        let event = Event::new(session.actor(None), session.origin().clone(), "member.joined");
        let accepted = inner
            .audited(Chain::Workspace(workspace.id), joined(event, user.id, &record), |tx| {
                accept(tx, &record, &workspace, &begun);
                tx.rely_on(key::global("user", user.id), user.revision);
                joining::forget(tx, workspace.id, user.id, &workspace.slug);
            })
            .await;
        not_twice(accepted)?;
        Ok(workspace.slug)
    }
}

fn joined(event: Event, user: UserId, record: &Record) -> Event {
    let event = event.on("member", &user).change("email", None, Some(record.invitation.email.clone()));
    tenure_changes(event, None, Some(record.invitation.tenure()))
}

fn accept(tx: &mut Tx, record: &Record, workspace: &Workspace, begun: &NewMembership) {
    end(tx, record);
    tx.rely_on(key::global("workspace", workspace.id), workspace.revision);
    begun.put(tx);
}

/// An invitation that was used, revoked or sent anew in this moment is not there any more.
fn not_twice(accepted: Result<(), Error>) -> Result<(), Error> {
    match accepted {
        Err(Error::Moved) => Err(Error::NotFound),
        other => other,
    }
}

/// A link of its own for the mail with an invitation, made when the mail is sent; an earlier mail's stops working, the
/// admin's does not. None: there is nothing to be sent any more.
pub(crate) async fn mail_offer(
    inner: &Inner,
    workspace: WorkspaceId,
    id: InvitationId,
) -> Result<Option<MailOffer>, Error> {
    let record = match find(inner, workspace, id).await {
        Ok(record) if record.invitation.is_open(inner.now_ms()) => record,
        Ok(_) | Err(Error::NotFound) => return Ok(None),
        Err(other) => return Err(other),
    };
    let found: Option<Workspace> = inner.db.get(key::global("workspace", workspace)).await?;
    let Some(found) = found.filter(|found| found.archived_at_ms.is_none()) else { return Ok(None) };
    let token = Token::new()?;
    let next = Record { mail_token: Some(token.hash()), revision: record.revision + 1, ..record.clone() };
    let key = invitation_key(record.workspace, &record.invitation.email);
    let made = inner
        .db
        .transact(|| {
            let mut tx = Tx::new();
            tx.compare_and_set(key.clone(), record.revision, &next);
            tx
        })
        .await;
    match made {
        // Revoked, accepted or sent anew in this moment: what comes of that has a mail of its own.
        Err(Abort::Stale) => Ok(None),
        Err(other) => Err(other.into()),
        Ok(()) => Ok(Some(MailOffer { workspace_name: found.display_name, invitation: next.invitation, token })),
    }
}
