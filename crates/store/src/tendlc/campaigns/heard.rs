//! What the registry and the carriers said of 10DLC campaigns, put on record by the system.

use std::collections::BTreeMap;

use domain::{
    id::{TenDlcCampaignId, WorkspaceId},
    tendlc::{
        Carrier, RegistryCampaignId, RegistryStatus, SharingState,
        event::{CampaignState, Known},
        life::{self, Registration},
    },
};

use super::{KIND, Learned, TenDlc, Todo, Upstream};
use crate::{
    Error, SystemDoor, SystemScope,
    audit::Event,
    tendlc::kept::{self, RegistryId, Subject, heard, registry_id_key},
};

/// Of which the registry has still to be told something: some of them, behind `after`. Empty: there are no more.
pub async fn unfinished(
    door: &SystemDoor,
    after: Option<(WorkspaceId, TenDlcCampaignId)>,
) -> Result<Vec<(WorkspaceId, TenDlcCampaignId)>, Error> {
    kept::marked::<TenDlc>(door, "unfinished", after).await
}

/// That the registry has, or may have; as [`unfinished`].
pub async fn live(
    door: &SystemDoor,
    after: Option<(WorkspaceId, TenDlcCampaignId)>,
) -> Result<Vec<(WorkspaceId, TenDlcCampaignId)>, Error> {
    kept::marked::<TenDlc>(door, "live", after).await
}

/// The same of one workspace.
pub async fn live_in(
    scope: &SystemScope,
    after: Option<(WorkspaceId, TenDlcCampaignId)>,
) -> Result<Vec<(WorkspaceId, TenDlcCampaignId)>, Error> {
    kept::marked_in::<TenDlc>(scope, "live", after).await
}

pub async fn load(scope: &SystemScope, id: TenDlcCampaignId) -> Result<TenDlc, Error> {
    kept::load(scope, id).await
}

/// The registry has it. Written once, with the way back from the registry's id.
pub async fn registered(
    scope: &SystemScope,
    id: TenDlcCampaignId,
    registry_id: RegistryCampaignId,
) -> Result<TenDlc, Error> {
    let way_back = RegistryId { workspace: scope.workspace_id(), subject: Subject::Campaign(id) };
    kept::revise(
        scope,
        id,
        |before: &TenDlc| {
            let Registration::Sent { reference } = &before.registration else { return None };
            let registration = Registration::Registered { reference: reference.clone(), id: registry_id };
            // Of no moment: whatever the registry says of it is newer.
            let status = Known::new(RegistryStatus::Active, i64::MIN);
            let state = CampaignState { status, sharing: None, carriers: BTreeMap::new() };
            let after = TenDlc { registration, state: Some(state), refusal: None, ..before.clone() };
            let event = heard(scope, "tendlc_campaign.registered", KIND, &id);
            Some((after, Some(event.change("registry_id", None, Some(registry_id)))))
        },
        |tx, _| tx.create(registry_id_key(registry_id), &way_back),
    )
    .await
}

/// The registry refused to register it: it is a draft again, with the reason.
pub async fn refused(scope: &SystemScope, id: TenDlcCampaignId, why: &str) -> Result<TenDlc, Error> {
    let change = |before: &TenDlc| {
        if !matches!(before.registration, Registration::Sent { .. }) {
            return None;
        }
        let after = TenDlc { registration: Registration::Draft, refusal: Some(why.to_owned()), ..before.clone() };
        Some((after, Some(heard(scope, "tendlc_campaign.refused", KIND, &id).note(why.to_owned()))))
    };
    kept::revise(scope, id, change, |_, _| {}).await
}

/// The registry is about to be told to have the carriers look again (`unsure`), or that did not get there.
pub async fn resubmission_unsure(scope: &SystemScope, id: TenDlcCampaignId, unsure: bool) -> Result<TenDlc, Error> {
    let change = |before: &TenDlc| {
        let other = before.todo.contains(&Todo::Resubmit) && before.resubmission_unsure != unsure;
        other.then(|| (TenDlc { resubmission_unsure: unsure, ..before.clone() }, None))
    };
    kept::revise(scope, id, change, |_, _| {}).await
}

/// The registry is about to be told of other form. What it was told before, without an answer, comes first: until that is
/// settled nobody knows what it has.
pub async fn telling(scope: &SystemScope, id: TenDlcCampaignId) -> Result<TenDlc, Error> {
    let change = |before: &TenDlc| {
        let next = before.todo.contains(&Todo::Change) && before.telling.is_none();
        next.then(|| (TenDlc { telling: Some(before.form.clone()), ..before.clone() }, None))
    };
    kept::revise(scope, id, change, |_, _| {}).await
}

/// The registry was told, or refused it with a reason. `sent`: the record of which it was told. What somebody has changed
/// since then is still to be told. A form that it refused goes back into the wizard, and the 10DLC campaign is as the
/// registry has it.
pub async fn told(scope: &SystemScope, sent: &TenDlc, what: Todo, refusal: Option<&str>) -> Result<TenDlc, Error> {
    let id = sent.id;
    let change = |before: &TenDlc| {
        let at = before.todo.iter().position(|todo| *todo == what)?;
        if what == Todo::Share {
            let (after, event) = super::share::told(scope, before, refusal);
            return Some((after, Some(event)));
        }
        if what == Todo::Change && before.form != sent.form {
            let mut after = TenDlc { telling: None, ..before.clone() };
            // What was taken is what it has, if it takes nothing of what comes next.
            if refusal.is_none() {
                after.at_registry = Some(sent.form.clone());
            }
            return (after != *before).then_some((after, None));
        }
        let mut after = before.clone();
        after.todo.remove(at);
        match what {
            Todo::Change => after.telling = None,
            Todo::Resubmit => after.resubmission_unsure = false,
            Todo::Share | Todo::Deactivate => {}
        }
        if what == Todo::Change
            && let Some(had) = after.at_registry.take()
            && refusal.is_some()
        {
            let refused = std::mem::replace(&mut after.form, had);
            // What somebody has typed meanwhile is newer, and has it already.
            after.edit = after.edit.or(Some(refused));
        }
        // That a change was refused is said until it is corrected, whatever else is told meanwhile.
        if refusal.is_some() || what == Todo::Change || after.edit.is_none() {
            after.refusal = refusal.map(str::to_owned);
        }
        let event = refusal.map(|why| heard(scope, "tendlc_campaign.refused", KIND, &id).note(why.to_owned()));
        Some((after, event))
    };
    kept::revise(scope, id, change, |_, _| {}).await
}

/// What the registry answered when it was asked. What is known of a later moment stays.
pub async fn learn(scope: &SystemScope, id: TenDlcCampaignId, learned: &Learned) -> Result<TenDlc, Error> {
    let change = |before: &TenDlc| {
        let known = before.state.as_ref()?;
        let state = settled(known, known.answered(&learned.answer, learned.asked_at_ms));
        let after = TenDlc {
            state: Some(state),
            rejections: learned.rejections.clone(),
            upstream: declined(before, learned.answer.sharing, learned.sharing_reason.as_deref()),
            synced_at_ms: Some(learned.asked_at_ms),
            ..before.clone()
        };
        let event = differences(scope, before, &after, None);
        Some((after, event))
    };
    kept::revise(scope, id, change, |_, _| {}).await
}

/// What followed from an event, with its words.
pub async fn becomes(
    scope: &SystemScope,
    id: TenDlcCampaignId,
    state: &CampaignState,
    words: Option<&str>,
) -> Result<TenDlc, Error> {
    let change = |before: &TenDlc| {
        let known = before.state.as_ref()?;
        let said = state.sharing.map(|known| known.value);
        // The words of an event are the partner's, if it is the partner who speaks.
        let upstream = if said == before.sharing() { before.upstream.clone() } else { declined(before, said, words) };
        let after = TenDlc { state: Some(settled(known, state.clone())), upstream, ..before.clone() };
        let event = differences(scope, before, &after, words);
        (after != *before).then_some((after, event))
    };
    kept::revise(scope, id, change, |_, _| {}).await
}

/// The registry has deactivated it, or has it no more.
pub async fn expired(scope: &SystemScope, id: TenDlcCampaignId) -> Result<TenDlc, Error> {
    let now_ms = scope.now_ms();
    let change = |before: &TenDlc| {
        let known = before.state.as_ref()?;
        let state = CampaignState { status: Known::new(RegistryStatus::Expired, now_ms), ..known.clone() };
        let after = TenDlc { state: Some(settled(known, state)), ..before.clone() };
        let event = differences(scope, before, &after, None);
        event.map(|event| (after, Some(event)))
    };
    kept::revise(scope, id, change, |_, _| {}).await
}

/// Why the partner declined it stands beside them.
fn declined(before: &TenDlc, said: Option<SharingState>, words: Option<&str>) -> Option<Upstream> {
    let upstream = before.upstream.clone()?;
    let reason = if said == Some(SharingState::Declined) { words.map(str::to_owned) } else { None };
    Some(Upstream { reason, ..upstream })
}

/// EXPIRED is final.
fn settled(known: &CampaignState, said: CampaignState) -> CampaignState {
    let value = life::registry_status_after(known.status.value, said.status.value);
    let status = if value == said.status.value { said.status } else { known.status };
    CampaignState { status, ..said }
}

fn differences(scope: &SystemScope, before: &TenDlc, after: &TenDlc, words: Option<&str>) -> Option<Event> {
    let sharing = TenDlc::sharing;
    let declined = |campaign: &TenDlc| campaign.upstream.as_ref()?.reason.clone();
    let mut event = heard(scope, "tendlc_campaign.heard", KIND, &after.id)
        .change("status", before.status(), after.status())
        .change("sharing", sharing(before), sharing(after))
        .change("partner's reason", declined(before), declined(after))
        .note(words.map(str::to_owned));
    let (earlier, later) = (before.carriers(), after.carriers());
    for carrier in Carrier::ALL {
        event = event.change(carrier.name(), earlier.get(&carrier).copied(), later.get(&carrier).copied());
    }
    let reason = |campaign: &TenDlc, carrier| {
        campaign.rejections.get(&carrier).map(|rejection| format!("{}: {}", rejection.category, rejection.reason))
    };
    for carrier in Carrier::ALL {
        event = event.change(&format!("{} reason", carrier.name()), reason(before, carrier), reason(after, carrier));
    }
    event.says_something().then_some(event)
}
