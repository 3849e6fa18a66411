//! What the registry said of brands, put on record by the system.

use domain::{
    id::{BrandId, WorkspaceId},
    tendlc::{
        BrandStatus, RegistryBrandId,
        event::{BrandState, Known},
        life::Registration,
    },
};
use serde::Serialize;

use super::{Brand, Feedback, KIND, Learned, Todo, Vetting};
use crate::{
    Error, SystemDoor, SystemScope,
    audit::Event,
    tendlc::{
        changes::changes,
        kept::{self, RegistryId, Subject, heard, registry_id_key},
    },
};

/// Of which the registry has still to be told something: some of them, behind `after`. Empty: there are no more.
pub async fn unfinished(
    door: &SystemDoor,
    after: Option<(WorkspaceId, BrandId)>,
) -> Result<Vec<(WorkspaceId, BrandId)>, Error> {
    kept::marked::<Brand>(door, "unfinished", after).await
}

/// That the registry has, or may have; as [`unfinished`].
pub async fn live(
    door: &SystemDoor,
    after: Option<(WorkspaceId, BrandId)>,
) -> Result<Vec<(WorkspaceId, BrandId)>, Error> {
    kept::marked::<Brand>(door, "live", after).await
}

/// The same of one workspace.
pub async fn live_in(
    scope: &SystemScope,
    after: Option<(WorkspaceId, BrandId)>,
) -> Result<Vec<(WorkspaceId, BrandId)>, Error> {
    kept::marked_in::<Brand>(scope, "live", after).await
}

pub async fn load(scope: &SystemScope, id: BrandId) -> Result<Brand, Error> {
    kept::load(scope, id).await
}

/// The registry has it. Written once, with the way back from the registry's id.
pub async fn registered(scope: &SystemScope, id: BrandId, registry_id: RegistryBrandId) -> Result<Brand, Error> {
    let way_back = RegistryId { workspace: scope.workspace_id(), subject: Subject::Brand(id) };
    kept::revise(
        scope,
        id,
        |before: &Brand| {
            let Registration::Sent { reference } = &before.registration else { return None };
            let registration = Registration::Registered { reference: reference.clone(), id: registry_id };
            // Of no moment: whatever the registry says of it is newer.
            let state = BrandState {
                status: Known::new(BrandStatus::Active, i64::MIN),
                identity: Known::new(before.details.entity_type.first_identity(), i64::MIN),
            };
            let after = Brand { registration, state: Some(state), refusal: None, ..before.clone() };
            let event = heard(scope, "tendlc_brand.registered", KIND, &id);
            Some((after, Some(event.change("registry_id", None, Some(registry_id)))))
        },
        |tx, _| tx.create(registry_id_key(registry_id), &way_back),
    )
    .await
}

/// The registry refused to register it: it is a draft again, with the reason.
pub async fn refused(scope: &SystemScope, id: BrandId, why: &str) -> Result<Brand, Error> {
    let change = |before: &Brand| {
        if !matches!(before.registration, Registration::Sent { .. }) {
            return None;
        }
        let after = Brand { registration: Registration::Draft, refusal: Some(why.to_owned()), ..before.clone() };
        Some((after, Some(heard(scope, "tendlc_brand.refused", KIND, &id).note(why.to_owned()))))
    };
    kept::revise(scope, id, change, |_, _| {}).await
}

/// The registry is about to be told of a vetting, and had these before. Written once, and from now on nobody knows whether it
/// was told: a process may die before it can say so.
pub async fn vetting_begins(
    scope: &SystemScope,
    id: BrandId,
    order: &Todo,
    vettings: &[String],
) -> Result<Brand, Error> {
    let now_ms = scope.now_ms();
    let change = |before: &Brand| {
        let mut after = before.clone();
        let waiting = after.todo.iter_mut().find(|todo| todo.is(order))?;
        match waiting {
            Todo::Vetting { before: noted @ None, unsure_since_ms, .. } => {
                *noted = Some(vettings.to_vec());
                *unsure_since_ms = Some(now_ms);
            }
            _ => return None,
        }
        Some((after, None))
    };
    kept::revise(scope, id, change, |_, _| {}).await
}

/// The order did not get to the registry, or the registry has ended without taking it: it can be told of it again.
pub async fn vetting_not_sent(scope: &SystemScope, id: BrandId, order: &Todo) -> Result<Brand, Error> {
    let change = |before: &Brand| {
        let mut after = before.clone();
        let waiting = after.todo.iter_mut().find(|todo| todo.is(order))?;
        let Todo::Vetting { before, unsure_since_ms, .. } = waiting else { return None };
        (*before, *unsure_since_ms) = (None, None);
        Some((after, None))
    };
    kept::revise(scope, id, change, |_, _| {}).await
}

/// The registry is about to be told of other details. What it was told before, without an answer, comes first: until that is
/// settled nobody knows what it has.
pub async fn telling(scope: &SystemScope, id: BrandId) -> Result<Brand, Error> {
    let change = |before: &Brand| {
        let next = before.todo.contains(&Todo::Change) && before.telling.is_none();
        next.then(|| (Brand { telling: Some(before.details.clone()), ..before.clone() }, None))
    };
    kept::revise(scope, id, change, |_, _| {}).await
}

/// The registry was told, or refused it with a reason. `sent`: the record of which it was told. What somebody has changed
/// since then is still to be told. Details that it refused are kept as what is to be corrected, and the brand is as the
/// registry has it.
pub async fn told(scope: &SystemScope, sent: &Brand, what: &Todo, refusal: Option<&str>) -> Result<Brand, Error> {
    let id = sent.id;
    let change = |before: &Brand| {
        let at = before.todo.iter().position(|todo| todo.is(what))?;
        if *what == Todo::Change && before.details != sent.details {
            let mut after = Brand { telling: None, ..before.clone() };
            // What was taken is what it has, if it takes nothing of what comes next.
            if refusal.is_none() {
                after.at_registry = Some(sent.details.clone());
            }
            return (after != *before).then_some((after, None));
        }
        let mut after = before.clone();
        after.todo.remove(at);
        if *what == Todo::Change {
            after.telling = None;
        }
        if *what == Todo::Change
            && let Some(had) = after.at_registry.take()
            && refusal.is_some()
        {
            after.edit = Some(std::mem::replace(&mut after.details, had));
        }
        // That a change was refused is said until it is corrected, whatever else is told meanwhile.
        if refusal.is_some() || *what == Todo::Change || after.edit.is_none() {
            after.refusal = refusal.map(str::to_owned);
        }
        let event = refusal.map(|why| heard(scope, "tendlc_brand.refused", KIND, &id).note(why.to_owned()));
        Some((after, event))
    };
    kept::revise(scope, id, change, |_, _| {}).await
}

/// What the registry answered when it was asked. What is known of a later moment stays.
pub async fn learn(scope: &SystemScope, id: BrandId, learned: &Learned) -> Result<Brand, Error> {
    let change = |before: &Brand| {
        let known = before.state?;
        let state = match &learned.answer {
            Some(answer) => known.answered(answer, learned.asked_at_ms),
            None => BrandState { status: Known::new(BrandStatus::Deleted, learned.asked_at_ms), ..known },
        };
        let after = Brand {
            state: Some(settled(known, state)),
            confirmed: learned.confirmed,
            vettings: learned.vettings.clone(),
            feedback: learned.feedback.clone(),
            synced_at_ms: Some(learned.asked_at_ms),
            ..before.clone()
        };
        let event = differences(scope, before, &after);
        Some((after, event))
    };
    kept::revise(scope, id, change, |_, _| {}).await
}

/// What followed from an event.
pub async fn becomes(scope: &SystemScope, id: BrandId, state: BrandState) -> Result<Brand, Error> {
    let change = |before: &Brand| {
        let known = before.state?;
        let after = Brand { state: Some(settled(known, state)), ..before.clone() };
        let event = differences(scope, before, &after);
        (after != *before).then_some((after, event))
    };
    kept::revise(scope, id, change, |_, _| {}).await
}

/// DELETED is final.
fn settled(known: BrandState, said: BrandState) -> BrandState {
    if known.status.value == BrandStatus::Deleted { BrandState { status: known.status, ..said } } else { said }
}

fn differences(scope: &SystemScope, before: &Brand, after: &Brand) -> Option<Event> {
    let event = heard(scope, "tendlc_brand.heard", KIND, &after.id)
        .change("status", Some(before.status()), Some(after.status()))
        .change("identity", Some(before.identity()), Some(after.identity()))
        .change("confirmed", Some(before.confirmed), Some(after.confirmed))
        .change("score", before.score(), after.score());
    let event = changes(event, Some(&Heard::of(before)), Some(&Heard::of(after)));
    event.says_something().then_some(event)
}

/// Lists, for the comparison.
#[derive(Serialize)]
struct Heard<'a> {
    vettings: Vec<String>,
    feedback: &'a [Feedback],
}

impl<'a> Heard<'a> {
    fn of(brand: &'a Brand) -> Self {
        let word = |vetting: &Vetting| format!("{} {}", vetting.provider, vetting.status);
        Self { vettings: brand.vettings.iter().map(word).collect(), feedback: &brand.feedback }
    }
}
