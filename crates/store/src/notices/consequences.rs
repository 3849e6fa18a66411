//! What a change of a campaign or a sender name tells whom: put into the transaction of the change.

use domain::{
    campaign::{Campaign, Status},
    id::{NoticeId, UserId, WorkspaceId},
    notice::{About, deciders},
    permission::{Capacity, Permission},
    sender::{RevisionStatus, Sender},
    webhook::{Endpoint, Target},
};
use surrealdb::types::RecordId;

use super::{Group, NoticeRecord, capacity_of, notice_key, outbox::MailRecord, thing};
use crate::{
    Error,
    access::Inner,
    db::{Tx, key},
};

/// Notices that go and notices that come, the latter with their mails.
#[derive(Debug, Default)]
pub(crate) struct Consequences {
    gone: Vec<RecordId>,
    notices: Vec<NoticeRecord>,
    mails: Vec<MailRecord>,
}

impl Consequences {
    pub(crate) fn put(&self, tx: &mut Tx) {
        for gone in &self.gone {
            tx.delete(gone.clone());
        }
        for notice in &self.notices {
            tx.put(notice.key(), notice);
        }
        for mail in &self.mails {
            tx.create(mail.key(), mail);
        }
    }

    /// Tells somebody; what they were told of the same before is replaced.
    fn tell(&mut self, inner: &Inner, workspace: WorkspaceId, user: UserId, about: &About) -> Result<(), Error> {
        let notice = NoticeRecord {
            id: NoticeId::from_uuid(inner.new_uuid()?),
            workspace,
            user,
            about: about.clone(),
            at_ms: inner.now_ms(),
            read_at_ms: None,
            revision: 1,
        };
        if inner.notices.sends_mail {
            self.mails.push(MailRecord::about(inner, &notice)?);
        }
        self.notices.push(notice);
        Ok(())
    }

    /// Nobody is told any more that it waits.
    fn waits_no_more(&mut self, workspace: WorkspaceId, thing: &str) {
        self.gone.push(key::all("notice", workspace, [key::id(thing), key::id(Group::Waits.name())]));
    }

    /// Of a change of a campaign: moderators when it comes to wait, the author when it is decided.
    pub(crate) async fn of_campaign(inner: &Inner, before: &Campaign, after: &Campaign) -> Result<Self, Error> {
        let mut all = Self::default();
        let (waited, waits) = (campaign_waits(before), campaign_waits(after));
        let about = About::CampaignWaits {
            campaign: after.id,
            name: after.parameters.name.clone(),
            by: after.author_name.clone(),
        };
        if waited && !waits {
            all.waits_no_more(after.workspace, &thing(&about));
        }
        if waited && waits {
            // Who has changed it since does not decide it.
            let wrote_too = after.life.contributors.iter().filter(|user| !before.life.contributors.contains(user));
            all.gone.extend(wrote_too.map(|&user| notice_key(after.workspace, &thing(&about), Group::Waits, user)));
        }
        if waits && !waited {
            let people = capacities(inner, after.workspace).await?;
            for user in deciders(people, Permission::DecideCampaign, &after.life.contributors) {
                all.tell(inner, after.workspace, user, &about)?;
            }
        }
        if let Some(decision) = after.decision.as_ref().filter(|decision| before.decision.as_ref() != Some(decision))
            && decision.by != after.author
        {
            let about = About::CampaignDecided {
                campaign: after.id,
                name: after.parameters.name.clone(),
                approved: decision.approved,
                by: decision.by_name.clone(),
                note: decision.note.clone(),
            };
            all.tell(inner, after.workspace, after.author, &about)?;
        }
        Ok(all)
    }

    /// Of a request to join: the admins.
    pub(crate) async fn of_join_request(
        inner: &Inner,
        workspace: WorkspaceId,
        user: UserId,
        name: &str,
    ) -> Result<Self, Error> {
        let mut all = Self::default();
        let about = About::JoinRequested { user, by: name.to_owned() };
        for admin in deciders(capacities(inner, workspace).await?, Permission::ManageMembers, &[]) {
            all.tell(inner, workspace, admin, &about)?;
        }
        Ok(all)
    }

    /// Of a webhook that was switched off because it takes no events: the admins. What stands behind the host of its
    /// address may be a secret of the receiver's, and is told to no mailbox.
    pub(crate) async fn of_webhook_off(inner: &Inner, endpoint: &Endpoint, why: &str) -> Result<Self, Error> {
        let mut all = Self::default();
        let host = Target::parse(&endpoint.url).map(|target| target.authority()).unwrap_or_default();
        let about = About::WebhookOff { webhook: endpoint.id, host, why: why.to_owned() };
        for admin in deciders(capacities(inner, endpoint.workspace).await?, Permission::ManageWorkspace, &[]) {
            all.tell(inner, endpoint.workspace, admin, &about)?;
        }
        Ok(all)
    }

    /// Of a change of a sender name: moderators when a revision comes to wait, who submitted it when it is decided.
    pub(crate) async fn of_sender(inner: &Inner, before: &Sender, after: &Sender) -> Result<Self, Error> {
        let mut all = Self::default();
        let waiting = |sender: &Sender| {
            sender.pending().filter(|_| sender.archived_at_ms.is_none()).map(|revision| revision.number)
        };
        let (waited, waits) = (waiting(before), waiting(after));
        if waited.is_some() && waited != waits {
            all.waits_no_more(after.workspace, &format!("sender:{}", after.id));
        }
        if let Some(revision) = after.pending().filter(|_| waits.is_some() && waits != waited) {
            let about = About::RevisionWaits {
                sender: after.id,
                name: after.display_name.clone(),
                number: revision.number,
                by: revision.submitted_by_name.clone(),
            };
            let people = capacities(inner, after.workspace).await?;
            for user in deciders(people, Permission::DecideRevision, &[revision.submitted_by]) {
                all.tell(inner, after.workspace, user, &about)?;
            }
        }
        for decided in &after.revisions {
            let was_pending = before.revisions.iter().any(|revision| {
                revision.number == decided.number && revision.status == RevisionStatus::PendingApproval
            });
            let approved = match decided.status {
                RevisionStatus::Approved => true,
                RevisionStatus::Rejected => false,
                RevisionStatus::PendingApproval => continue,
            };
            if was_pending && decided.decided_by != Some(decided.submitted_by) {
                let about = About::RevisionDecided {
                    sender: after.id,
                    name: after.display_name.clone(),
                    number: decided.number,
                    approved,
                    by: decided.decided_by_name.clone().unwrap_or_default(),
                    note: decided.note.clone(),
                };
                all.tell(inner, after.workspace, decided.submitted_by, &about)?;
            }
        }
        Ok(all)
    }
}

/// A request to join waits for nobody any more.
pub(crate) fn join_decided(tx: &mut Tx, workspace: WorkspaceId, user: UserId) {
    tx.delete(key::all("notice", workspace, [key::id(format!("join:{user}")), key::id(Group::Waits.name())]));
}

/// As the queue of the moderation page has it.
fn campaign_waits(campaign: &Campaign) -> bool {
    let life = &campaign.life;
    life.status == Status::New && life.approval.is_none() && life.archived_at_ms.is_none()
}

/// The members who can sign in, with what they are.
async fn capacities(inner: &Inner, workspace: WorkspaceId) -> Result<Vec<(UserId, Capacity)>, Error> {
    let memberships = inner.memberships(workspace).await?;
    let mut people = Vec::with_capacity(memberships.len());
    for membership in memberships {
        if let Some(user) = inner.user(membership.user).await?.filter(|user| user.blocked_at_ms.is_none()) {
            people.push((user.id, capacity_of(&user, &membership)));
        }
    }
    Ok(people)
}
