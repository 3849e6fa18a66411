//! A campaign as the beginning of another one, and restoring into another workspace.

use domain::{
    campaign::{Campaign, LeftOut, Refusal, Status},
    id::CampaignId,
    permission::{Role, kind},
    sender::{Addressing, Ton},
    slug::Slug,
};
use store::{
    Error, Reason, Scope, Session, audit, campaigns,
    campaigns::uploads::{self, UploadState},
    members,
    recipients::{self, Batch, EncodedBlock, IngestPhase, RecipientBlock, StateBlock},
    workspaces::NewWorkspace,
};

use crate::fixture::{self, Installation};

/// Recipients as an ingest of the fixture's three lines leaves them.
pub async fn give_recipients(it: &Installation, campaign: CampaignId) {
    let workspace = it.enter(&it.author).await.workspace_id();
    let system = it.system.enter(workspace, Reason::Ingest);
    let checkpoint = recipients::open_ingest(&system, campaign, None, "file", (0, 1), &[]).await.unwrap();
    let mut block = RecipientBlock::new(Vec::new().into());
    for number in 0..3 {
        block.push(436_601_234_560 + number, 1, []).unwrap();
    }
    let mut done = checkpoint.clone();
    done.phase = IngestPhase::Done;
    let blocks = vec![EncodedBlock::new(0, &block, &StateBlock::waiting(3))];
    let batch = Batch { blocks, rejects: Vec::new(), checkpoint: Some(done) };
    recipients::commit_ingest(&system, campaign, checkpoint.revision, &batch).await.unwrap();
}

async fn rejected(it: &Installation) -> Campaign {
    let campaign = it.submitted().await;
    give_recipients(it, campaign.id).await;
    let judge = it.enter(&it.moderator).await;
    campaigns::reject(&judge.grant().unwrap(), campaign.id, campaign.life.version, "too long").await.unwrap()
}

async fn archived(it: &Installation) -> Campaign {
    let campaign = rejected(it).await;
    let scope = it.enter(&it.author).await;
    campaigns::archive(&scope.grant_on(campaign.id).await.unwrap()).await.unwrap()
}

async fn other_workspace(it: &Installation, admin: &Session) -> Scope {
    let new = NewWorkspace {
        slug: "other".into(),
        display_name: "Other".into(),
        time_zone: "UTC".into(),
        default_country: "DE".into(),
        four_eyes: true,
    };
    store::workspaces::create(&it.gate, &new).await.unwrap();
    let slug = Slug::parse("other").unwrap();
    members::add(&it.gate, &slug, admin.user().id, Role::Admin, false).await.unwrap();
    it.gate.enter(admin, &slug).await.unwrap()
}

/// The author leaves the workspace.
async fn author_leaves(it: &Installation) {
    let admin = it.enter(&it.admin).await;
    let author = it.author.user().id;
    let people = members::list(&admin.grant().unwrap()).await.unwrap();
    let member = people.into_iter().find(|member| member.user == author).unwrap();
    members::roles::remove(&admin.grant().unwrap(), author, member.revision).await.unwrap();
}

async fn actions(scope: &Scope, id: CampaignId) -> Vec<String> {
    let records = audit::of_campaign(&scope.grant_on(id).await.unwrap()).await.unwrap();
    records.into_iter().map(|record| record.action).collect()
}

#[tokio::test]
async fn a_rejected_campaign_is_a_draft_again_with_its_recipients_on_order() {
    let it = fixture::in_memory().await;
    let source = rejected(&it).await;
    let scope = it.enter(&it.author).await;
    let draft = campaigns::edit_as_new(&scope.grant_on(source.id).await.unwrap()).await.unwrap();
    assert_eq!((draft.life.status, draft.life.version, draft.life.approval.clone()), (Status::Draft, 1, None));
    assert_eq!(draft.parameters, source.parameters, "nothing of it had to be left out");
    assert_eq!(draft.report, None, "nobody is copied yet");
    let upload = uploads::find(&scope, draft.id).await.unwrap().unwrap();
    assert_eq!(upload.state, UploadState::Reading);
    assert_eq!(upload.copies.unwrap().campaign, source.id);
    // It cannot be sent to whoever happens to be there already.
    let refusal = campaigns::submit(&scope.grant_on(draft.id).await.unwrap()).await.unwrap_err();
    assert!(matches!(refusal, Error::Invalid { field: "recipients", .. }), "{refusal}");
    assert!(actions(&scope, draft.id).await.contains(&"campaign.created".to_owned()));
    assert!(actions(&scope, source.id).await.contains(&"campaign.edited_as_new".to_owned()));
    assert_eq!(campaigns::find(&scope, source.id).await.unwrap(), source, "the original stays what it was");
}

#[tokio::test]
async fn only_a_rejected_campaign_is_edited_as_new() {
    let it = fixture::in_memory().await;
    let campaign = it.submitted().await;
    let scope = it.enter(&it.author).await;
    let refusal = campaigns::edit_as_new(&scope.grant_on(campaign.id).await.unwrap()).await.unwrap_err();
    assert!(matches!(refusal, Error::Stale { .. }), "{refusal}");
}

#[tokio::test]
async fn a_sender_that_is_no_longer_approved_is_left_out_with_a_word() {
    let it = fixture::in_memory().await;
    let source = rejected(&it).await;
    let admin = it.enter(&it.admin).await;
    let sender = source.parameters.sender.clone().unwrap();
    store::senders::archive(&admin.grant().unwrap(), sender.sender).await.unwrap();
    let scope = it.enter(&it.author).await;
    let draft = campaigns::clone_bare(&scope.grant().unwrap(), source.id).await.unwrap();
    assert_eq!(draft.parameters.sender, None);
    let left_out = draft.copy_of.unwrap().left_out;
    assert_eq!(left_out, [LeftOut::Sender { display_name: sender.display_name }]);
    assert_eq!(draft.parameters.name, "Copy of Maintenance");
    assert!(uploads::find(&scope, draft.id).await.unwrap().is_none());
}

#[tokio::test]
async fn smpp_values_of_an_admin_are_kept_for_admins_only() {
    let it = fixture::in_memory().await;
    let campaign = it.complete_draft().await;
    let admin = it.enter(&it.admin).await;
    let mut parameters = campaign.parameters.clone();
    let sender = parameters.sender.clone().unwrap();
    parameters.overrides = Some(Addressing { source_ton: Ton::Unknown, ..sender.addressing });
    let source = campaigns::save(&admin.grant_on(campaign.id).await.unwrap(), parameters, true).await.unwrap();
    let author = it.enter(&it.author).await;
    let plain = campaigns::clone_bare(&author.grant().unwrap(), source.id).await.unwrap();
    assert_eq!((plain.parameters.overrides, plain.copy_of.unwrap().left_out), (None, vec![LeftOut::Overrides]));
    let kept = campaigns::clone_bare(&admin.grant().unwrap(), source.id).await.unwrap();
    assert_eq!(kept.parameters.overrides, source.parameters.overrides);
}

#[tokio::test]
async fn what_changes_the_source_is_noticed() {
    let it = fixture::in_memory().await;
    let campaign = it.complete_draft().await;
    give_recipients(&it, campaign.id).await;
    let scope = it.enter(&it.author).await;
    let proof = scope.grant_on::<kind::EditCampaign>(campaign.id).await.unwrap();
    let draft = campaigns::clone_with_recipients(&proof).await.unwrap();
    let copies = uploads::find(&scope, draft.id).await.unwrap().unwrap().copies.unwrap();
    let system = it.system.enter(scope.workspace_id(), Reason::Ingest);
    assert!(campaigns::is_unchanged(&system, &copies).await.unwrap());
    // Another file comes while the recipients are copied.
    recipients::open_ingest(&system, campaign.id, None, "another file", (0, 1), &[]).await.unwrap();
    assert!(!campaigns::is_unchanged(&system, &copies).await.unwrap());
}

#[tokio::test]
async fn an_author_who_is_gone_makes_restoring_a_choice() {
    let it = fixture::in_memory().await;
    let campaign = archived(&it).await;
    author_leaves(&it).await;
    let scope = it.enter(&it.admin).await;
    let proof = scope.grant_on::<kind::ArchiveCampaign>(campaign.id).await.unwrap();
    let refusal = campaigns::restore(&proof).await.unwrap_err();
    assert!(matches!(refusal, Error::Invalid { field: "to", .. }), "{refusal}");
    let here = campaigns::restore_here(&proof).await.unwrap();
    assert_eq!(here.life.archived_at_ms, None);
}

#[tokio::test]
async fn another_workspace_gets_a_draft_and_the_old_one_keeps_a_tombstone() {
    let it = fixture::in_memory().await;
    let campaign = archived(&it).await;
    let target = other_workspace(&it, &it.admin).await;
    let scope = it.enter(&it.admin).await;
    let proof = scope.grant_on::<kind::ArchiveCampaign>(campaign.id).await.unwrap();
    let copy = campaigns::move_to(&proof, &target.grant().unwrap()).await.unwrap();
    assert_eq!((copy.workspace, copy.life.status), (target.workspace_id(), Status::Draft));
    assert_eq!((copy.parameters.sender, copy.life.approval), (None, None), "both are of the old workspace");
    assert_eq!(copy.author, it.admin.user().id);
    let tombstone = campaigns::find(&scope, campaign.id).await.unwrap();
    assert_eq!(tombstone.life.moved_to.as_ref().unwrap().campaign, copy.id);
    let again = campaigns::restore_here(&scope.grant_on(campaign.id).await.unwrap()).await.unwrap_err();
    assert!(matches!(again, Error::Refused(Refusal::Moved)), "{again}");
    assert!(actions(&scope, campaign.id).await.contains(&"campaign.restored_elsewhere".to_owned()));
    assert!(actions(&target, copy.id).await.contains(&"campaign.created".to_owned()));
    for scope in [&scope, &target] {
        let mut log = audit::page(&scope.grant().unwrap(), None, 500).await.unwrap();
        log.reverse();
        assert_eq!(audit::first_break(&log), None, "both chains hold");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_restore_at_once_one_does() {
    let it = fixture::in_memory().await;
    let campaign = archived(&it).await;
    let target = other_workspace(&it, &it.admin).await;
    let scope = it.enter(&it.admin).await;
    let mut attempts = tokio::task::JoinSet::new();
    for round in 0..12 {
        let proof = scope.grant_on::<kind::ArchiveCampaign>(campaign.id).await.unwrap();
        let into = target.grant::<kind::ManageWorkspace>().unwrap();
        attempts.spawn(async move {
            if round % 2 == 0 { campaigns::move_to(&proof, &into).await } else { campaigns::restore_here(&proof).await }
        });
    }
    let outcomes = attempts.join_all().await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
    let drafts = campaigns::list(&target.grant().unwrap(), &campaigns::Filter::default(), 50).await.unwrap();
    let left = campaigns::find(&scope, campaign.id).await.unwrap();
    assert_eq!(drafts.campaigns.len(), usize::from(left.life.moved_to.is_some()), "there once, or here");
}

#[tokio::test]
async fn who_is_no_admin_in_both_restores_nothing_elsewhere() {
    let it = fixture::in_memory().await;
    let campaign = archived(&it).await;
    let target = other_workspace(&it, &it.author).await;
    let scope = it.enter(&it.author).await;
    let proof = scope.grant_on::<kind::ArchiveCampaign>(campaign.id).await.unwrap();
    let refusal = campaigns::move_to(&proof, &target.grant().unwrap()).await.unwrap_err();
    assert!(matches!(refusal, Error::Forbidden), "an admin there, and an author here: {refusal}");
}
