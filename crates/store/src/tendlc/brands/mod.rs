//! Brands. People change what is on record, and what the registry has to be told stands beside it ([`Todo`]) until the
//! engine has told it: so nothing is forgotten when a process dies in between.

mod heard;
mod list;
mod record;

use domain::{
    id::{BrandId, WorkspaceId},
    tendlc::{
        BrandDetails, BrandStatus, EntityType, IdentityStatus, RegistryBrandId, VettingStatus, event::Known,
        kinds::VettingProvider, life::Registration,
    },
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

pub use self::{
    heard::{
        becomes, learn, live, live_in, load, refused, registered, telling, told, unfinished, vetting_begins,
        vetting_not_sent,
    },
    list::{Filter, by_workspace, choices, many, page, phases},
    record::{Brand, Feedback, Learned, Todo, Vetting},
};
use super::{
    access::{Desk, Doing, Registrar, action},
    campaigns::TenDlc,
    changes::changes,
    edits::{Edits, From},
    kept::{self, Kept},
    listing::Query,
};
use crate::{
    Error,
    access::{Inner, hex},
    audit::Event,
};

const KIND: &str = "tendlc_brand";

pub async fn find(desk: &Desk, id: BrandId) -> Result<Brand, Error> {
    kept::find(desk, id).await
}

/// Where a brand lies, if it is seen; in the named workspace, if one is named.
pub async fn locate(registrar: &Registrar, named: Option<&str>, id: BrandId) -> Result<Desk, Error> {
    kept::locate::<Brand>(registrar, named, id).await
}

/// An id for a brand that somebody is about to fill in: handed in twice with it, it is registered once.
pub fn new_id(proof: &Doing<action::Brands>) -> Result<BrandId, Error> {
    Ok(BrandId::from_uuid(proof.inner().new_uuid()?))
}

/// A brand that is to be registered, under an id of the caller's if there is one. Its reference is on record before the
/// registry hears of it.
pub async fn create(proof: &Doing<action::Brands>, id: Option<Uuid>, details: BrandDetails) -> Result<Brand, Error> {
    let inner = proof.inner();
    let id = BrandId::from_uuid(id.map_or_else(|| inner.new_uuid(), Ok)?);
    let confirmed = !matches!(details.entity_type, EntityType::PublicProfit | EntityType::SoleProprietor);
    let brand = Brand {
        id,
        workspace: proof.workspace_id(),
        details,
        at_registry: None,
        telling: None,
        edit: None,
        edits: Edits::default(),
        registration: Registration::Sent { reference: reference(proof.workspace_id(), id.as_uuid()) },
        state: None,
        confirmed,
        vettings: Vec::new(),
        feedback: Vec::new(),
        todo: Vec::new(),
        refusal: None,
        created_by: proof.user_id(),
        created_by_name: proof.user_name().to_owned(),
        created_at_ms: inner.now_ms(),
        synced_at_ms: None,
        revision: 1,
    };
    let event = changes(proof.event("tendlc_brand.created", KIND, &id), None, Some(&brand.details));
    inner
        .audited(proof.chain(), event, |tx| {
            tx.create(proof.record(Brand::TABLE, id), &brand);
            proof.rely_on(tx);
        })
        .await?;
    Ok(brand)
}

/// What is written into the registry's `referenceId`: unique, stable, and no more than a number to anybody else. Callers
/// choose ids of their own, so the workspace is in it, too: nobody takes the reference of another's record.
pub(super) fn reference(workspace: WorkspaceId, id: Uuid) -> String {
    let digest = Sha256::new().chain_update(workspace.as_uuid().as_bytes()).chain_update(id.as_bytes()).finalize();
    format!("mc-{}", &hex(&digest)[..32])
}

/// Other details. A brand that the registry has is changed there, too, and one that it refused is handed in again. `seen`:
/// the number of the change after which the form was opened ([`Edits`]).
pub async fn change(
    proof: &Doing<action::Brands>,
    id: BrandId,
    seen: Option<u64>,
    from: From,
    details: BrandDetails,
) -> Result<Brand, Error> {
    let before = find(proof, id).await?;
    check_open(&before)?;
    before.details.check_change(&details).map_err(|flaw| Error::invalid(flaw.field, flaw.rule.to_string()))?;
    let registered = before.registration.id().is_some();
    let edited = before.edit.is_some() && from == From::Form;
    if before.details == details && registered && before.refusal.is_none() && !edited {
        return Ok(before);
    }
    before.edits.check(seen, proof.editor())?;
    let mut after = if registered { before.with(Todo::Change) } else { before.clone() };
    let event = changes(proof.event("tendlc_brand.changed", KIND, &id), Some(&before.details), Some(&details));
    match &mut after.state {
        // The registry forgets what it knows; until it says so itself, nothing is built upon what it knew.
        Some(state) => {
            // Of two changes in a row the registry may have heard of neither.
            after.at_registry = before.at_registry.clone().or_else(|| Some(before.details.clone()));
            // Whatever it will think of the new ones: until it has looked, it knows nobody by them.
            if !before.details.identity_changes(&details).is_empty() {
                state.identity = Known::new(IdentityStatus::Unverified, state.identity.as_of_ms);
            }
        }
        None => after.registration = Registration::Sent { reference: reference(proof.workspace_id(), id.as_uuid()) },
    }
    // What was refused is still there to be corrected, with what a program has changed meanwhile.
    let edit = before.edit.as_ref().filter(|_| from == From::Program);
    after.edit = edit.map(|edit| edit.with_changes(&before.details, &details)).filter(|edit| *edit != details);
    after.details = details;
    after.edits = before.edits.with(proof.editor());
    after.refusal = None;
    write(proof, &before, after, event).await
}

/// Forgets the details that the registry refused.
pub async fn discard(proof: &Doing<action::Brands>, id: BrandId) -> Result<Brand, Error> {
    let before = find(proof, id).await?;
    let Some(edit) = &before.edit else { return Ok(before) };
    let event = changes(proof.event("tendlc_brand.edit_discarded", KIND, &id), Some(edit), Some(&before.details));
    let edits = before.edits.with(proof.editor());
    write(proof, &before, Brand { edit: None, edits, refusal: None, ..before.clone() }, event).await
}

/// Has the registry compare the details again; a brand that it refused is handed in again.
pub async fn hand_in_again(proof: &Doing<action::Brands>, id: BrandId) -> Result<Brand, Error> {
    let before = find(proof, id).await?;
    check_open(&before)?;
    let after = match &before.registration {
        Registration::Draft => {
            let registration = Registration::Sent { reference: reference(proof.workspace_id(), id.as_uuid()) };
            Brand { registration, refusal: None, ..before.clone() }
        }
        _ => before.with(Todo::VerifyAgain),
    };
    let event = proof.event("tendlc_brand.handed_in_again", KIND, &id);
    write(proof, &before, after, event).await
}

/// Orders a vetting, which costs money. One that is under way is not ordered a second time.
pub async fn order_vetting(
    proof: &Doing<action::Brands>,
    id: BrandId,
    provider: VettingProvider,
    class: &str,
) -> Result<Brand, Error> {
    let before = find(proof, id).await?;
    check_registered(&before)?;
    if !before.details.entity_type.can_be_vetted() {
        return Err(Error::invalid("provider", "a sole proprietor is not vetted"));
    }
    let pending = |vetting: &Vetting| vetting.provider == provider && vetting.status == VettingStatus::Pending;
    let ordered = Todo::Vetting { provider, class: class.to_owned(), before: None, unsure_since_ms: None };
    if before.vettings.iter().any(pending) || before.todo.iter().any(|todo| todo.is(&ordered)) {
        return Err(Error::Stale { what: format!("a vetting by {} is under way; wait for it", provider.label()) });
    }
    let event = proof.event("tendlc_brand.vetting_ordered", KIND, &id).change("provider", None, Some(provider)).change(
        "class",
        None,
        Some(class),
    );
    write(proof, &before, before.with(ordered), event).await
}

/// Has the mail to the business contact, or the one-time code, sent again.
pub async fn send_confirmation(proof: &Doing<action::Brands>, id: BrandId) -> Result<Brand, Error> {
    let before = find(proof, id).await?;
    check_registered(&before)?;
    if before.confirmed {
        return Err(Error::Stale { what: "this brand is confirmed already".into() });
    }
    let event = proof.event("tendlc_brand.confirmation_asked", KIND, &id);
    write(proof, &before, before.with(Todo::Confirmation), event).await
}

/// Puts on record that a one-time code is about to be tried, and gives the registry's id. The code itself is kept nowhere.
pub async fn code_tried(proof: &Doing<action::Brands>, id: BrandId) -> Result<RegistryBrandId, Error> {
    let brand = find(proof, id).await?;
    let registry_id = check_registered(&brand)?;
    if brand.details.entity_type != EntityType::SoleProprietor {
        return Err(Error::Stale { what: "only a sole proprietor gets a one-time code".into() });
    }
    write(proof, &brand, brand.clone(), proof.event("tendlc_brand.code_tried", KIND, &id)).await?;
    Ok(registry_id)
}

/// Has the registry delete the brand, for good. Refused while it has 10DLC campaigns. One that the registry never had is
/// gone at once.
pub async fn delete(proof: &Doing<action::Brands>, id: BrandId) -> Result<Option<Brand>, Error> {
    let before = find(proof, id).await?;
    check_open(&before)?;
    let campaigns = live_campaigns(proof.inner(), before.workspace, id).await?;
    if campaigns > 0 {
        let what = format!(
            "the brand has {campaigns} 10DLC {}; deactivate {} first",
            if campaigns == 1 { "campaign" } else { "campaigns" },
            if campaigns == 1 { "it" } else { "them" },
        );
        return Err(Error::Stale { what });
    }
    let event = proof.event("tendlc_brand.deleted", KIND, &id).change("name", Some(&before.details.display_name), None);
    if before.registration.id().is_some() {
        return write(proof, &before, before.with(Todo::Delete), event).await.map(Some);
    }
    let done = proof.inner().audited(proof.chain(), event, |tx| {
        tx.rely_on(proof.record(Brand::TABLE, id), before.revision);
        tx.delete(proof.record(Brand::TABLE, id));
        proof.rely_on(tx);
    });
    done.await?;
    Ok(None)
}

/// How many 10DLC campaigns of a brand the registry has, or may have.
pub(super) async fn live_campaigns(inner: &Inner, workspace: WorkspaceId, brand: BrandId) -> Result<usize, Error> {
    let query = Query::within(workspace, TenDlc::TABLE).when("live_brand = $brand").with("brand", brand.to_string());
    Ok(usize::try_from(query.count(inner).await?).unwrap_or(usize::MAX))
}

fn check_open(brand: &Brand) -> Result<(), Error> {
    let what = match (&brand.registration, brand.status()) {
        (_, BrandStatus::Deleted) => "this brand was deleted at the registry; register another",
        _ if brand.todo.contains(&Todo::Delete) => "this brand is about to be deleted",
        (Registration::Sent { .. }, _) => "this brand is on its way to the registry; look again in a moment",
        _ => return Ok(()),
    };
    Err(Error::Stale { what: what.to_owned() })
}

fn check_registered(brand: &Brand) -> Result<RegistryBrandId, Error> {
    check_open(brand)?;
    brand.registration.id().ok_or_else(|| Error::Stale { what: "this brand is not registered yet; hand it in".into() })
}

async fn write(proof: &Doing<action::Brands>, before: &Brand, mut after: Brand, event: Event) -> Result<Brand, Error> {
    after.revision = before.revision + 1;
    let done = proof.inner().audited(proof.chain(), event, |tx| {
        tx.compare_and_set(proof.record(Brand::TABLE, after.id), before.revision, &after);
        proof.rely_on(tx);
    });
    done.await?;
    Ok(after)
}
