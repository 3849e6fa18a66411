//! A new client in one go: the workspace, the invitation of its first admin, its first sender name.

use domain::{members::Invitation, sender::Addressing, workspace::Workspace};

use super::{NewWorkspace, created_event, put_workspace, slug_taken};
use crate::{
    Error, Ruler, Token,
    audit::{Chain, Event},
    members::invitations::{self, put_first},
    notices::outbox::MailRecord,
    senders::{self, put_sender},
};

/// What the page collects.
#[derive(Debug, Clone)]
pub struct NewClient {
    pub workspace: NewWorkspace,
    /// The address of who is to rule it; without one only super admins enter.
    pub admin_email: Option<String>,
    pub sender: Option<FirstSender>,
}

/// A sender name with its first revision, which waits for a decision.
#[derive(Debug, Clone)]
pub struct FirstSender {
    pub display_name: String,
    pub addressing: Addressing,
    pub reason: Option<String>,
}

#[derive(Debug)]
pub struct Onboarded {
    pub workspace: Workspace,
    /// The token is for the invitation's link, once.
    pub admin: Option<(Invitation, Token)>,
}

/// Makes all of it or nothing.
pub async fn onboard(ruler: &Ruler, client: &NewClient) -> Result<Onboarded, Error> {
    let inner = ruler.inner();
    let workspace = inner.new_workspace(&client.workspace)?;
    if inner.workspace_by_slug(&workspace.slug).await?.is_some() {
        return Err(slug_taken());
    }
    let admin = match &client.admin_email {
        Some(email) => Some(invitations::first(ruler, workspace.id, email).map_err(of_admin)?),
        None => None,
    };
    let mail = match &admin {
        Some((record, _)) => MailRecord::invitation(inner, workspace.id, record.invitation.id)?,
        None => None,
    };
    let sender = match &client.sender {
        Some(first) => Some(senders::first(ruler, workspace.id, first)?),
        None => None,
    };
    let event = created_event(ruler.actor(), ruler.origin(), &workspace)
        .change("invited", None, admin.as_ref().map(|(record, _)| &record.invitation.email))
        .change("sender", None, sender.as_ref().map(|sender| &sender.display_name));
    inner
        .audited(Chain::Installation, event, |tx| {
            ruler.rely_on(tx);
            put_workspace(tx, &workspace);
            if let Some((record, _)) = &admin {
                put_first(tx, record);
            }
            if let Some(mail) = &mail {
                tx.create(mail.key(), mail);
            }
            if let Some(sender) = &sender {
                put_sender(tx, sender);
            }
        })
        .await?;
    // The workspace's own log begins with what was made with it.
    let event = |action| Event::new(ruler.actor(), ruler.origin(), action);
    let chain = Chain::Workspace(workspace.id);
    if let Some((record, _)) = &admin {
        let invited = event("member.invited")
            .on("invitation", &record.invitation.id)
            .change("email", None, Some(&record.invitation.email))
            .change("role", None, Some("admin"));
        inner.audited(chain, invited, |_| {}).await?;
    }
    if let Some(sender) = &sender {
        let submitted = event("sender.revision_submitted")
            .on("sender", &sender.id)
            .change("display_name", None, Some(&sender.display_name))
            .change("revision", None, Some(1))
            .change("saddr", None, sender.pending().map(|revision| revision.addressing.saddr.to_string()));
        inner.audited(chain, submitted, |_| {}).await?;
    }
    Ok(Onboarded { workspace, admin: admin.map(|(record, token)| (record.invitation, token)) })
}

/// The form has other addresses besides that of the admin.
fn of_admin(refusal: Error) -> Error {
    match refusal {
        Error::Invalid { field: "email", message } => Error::Invalid { field: "admin_email", message },
        other => other,
    }
}
