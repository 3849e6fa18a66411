//! Brands: registered and changed by staff and super admins, read by everybody who has to do with the workspace's 10DLC.

pub mod form;
mod view;

use domain::audit::Change;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use self::form::{BrandInput, EditedBrand, NewBrand};
pub use self::view::{BrandView, Confirmer, FeedbackView, VettingView};
use crate::{error::AppError, state::moment::Moment};

/// Classes of vettings, by the registry's word.
pub const VETTING_CLASSES: [(&str, &str); 3] =
    [("STANDARD", "Standard"), ("ENHANCED", "Enhanced"), ("POLITICAL", "Political")];

/// 10DLC campaigns on a page of a brand.
pub const PAGE_ROWS: u32 = 20;

/// Something that was done with a brand or 10DLC campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEntry {
    pub at: Moment,
    /// The name, or that of the machinery.
    pub who: String,
    /// As the audit log calls it.
    pub action: String,
    pub changes: Vec<Change>,
    pub note: Option<String>,
}

/// One of its brands, with a page of its 10DLC campaigns, from 1; 0 is the first, too.
#[server]
pub async fn registry_brand(slug: String, id: String, #[server(default)] page: u32) -> Result<BrandView, AppError> {
    use store::tendlc::{Slice, action, brands, campaigns};

    use crate::api::registry::rows::{Places, campaign_rows};

    let services = crate::api::context::services()?;
    let desk = crate::api::registry::desk(&slug).await?;
    let sight = desk.may::<action::Read>()?.sight();
    let brand = brands::find(&desk, brand_id(&id)?).await?;
    let filter = campaigns::Filter { brand: Some(brand.id), ..Default::default() };
    let own = campaigns::page(&sight, &filter, Slice::page(page, PAGE_ROWS)).await?;
    let own = campaign_rows(&sight, &Places::new([desk.workspace()]), own).await?;
    let live = live_campaigns(&sight, &brand).await?;
    Ok(view::of(&services, &desk, &brand, own, live))
}

/// How many 10DLC campaigns of a brand the registry has, or may have.
#[cfg(feature = "ssr")]
async fn live_campaigns(sight: &store::tendlc::Sight, brand: &store::tendlc::Brand) -> Result<u64, AppError> {
    let live = store::tendlc::campaigns::by_brand(sight, [brand.id]).await?;
    Ok(live.get(&(brand.workspace, brand.id)).copied().unwrap_or_default())
}

/// What was done with a brand lately, newest first.
#[server]
pub async fn brand_history(slug: String, id: String) -> Result<Vec<HistoryEntry>, AppError> {
    use store::tendlc::{action, brands};

    let desk = crate::api::registry::desk(&slug).await?;
    let proof = desk.may::<action::Read>()?;
    let id = brands::find(&desk, brand_id(&id)?).await?.id;
    let records = store::tendlc::history(&proof, &id).await?;
    Ok(records.into_iter().map(|record| entry(&desk, record)).collect())
}

/// What a new brand begins with, for those who may register one.
#[server]
pub async fn begin_brand(slug: String) -> Result<NewBrand, AppError> {
    use store::tendlc::{action, brands};

    let services = crate::api::context::services()?;
    let proof = crate::api::registry::desk(&slug).await?.may::<action::Brands>()?;
    let key = brands::new_id(&proof)?.to_string();
    Ok(NewBrand { key, connector: services.registrations.connector() })
}

/// Registers a brand, and leads to its page.
#[server]
pub async fn create_brand(slug: String, key: String, #[server(flatten)] brand: BrandInput) -> Result<(), AppError> {
    let services = crate::api::context::services()?;
    let desk = crate::api::registry::desk(&slug).await?;
    let proof = desk.may()?;
    let id = brand_id(&key)?.as_uuid();
    let made = services.registrations.create_brand(&proof, Some(id), &brand.read()?).await?;
    leptos_axum::redirect(&format!("/w/{}/registry/brands/{}", desk.workspace().slug, made.id));
    Ok(())
}

/// A brand as its form shows it, for those who may change it.
#[server]
pub async fn brand_to_edit(slug: String, id: String) -> Result<EditedBrand, AppError> {
    use domain::tendlc::BrandForm;
    use store::tendlc::{action, brands};

    let services = crate::api::context::services()?;
    let desk = crate::api::registry::desk(&slug).await?;
    let proof = desk.may::<action::Brands>()?;
    let sight = desk.may::<action::Read>()?.sight();
    let brand = brands::find(&proof, brand_id(&id)?).await?;
    let live = live_campaigns(&sight, &brand).await?;
    Ok(EditedBrand {
        name: brand.details.display_name.clone(),
        input: BrandInput::from(&BrandForm::from(brand.typed())),
        seen: brand.edits.count,
        was_refused: brand.edit.is_some(),
        connector: services.registrations.connector(),
        registered: brand.registration.id().is_some(),
        campaigns: live,
    })
}

/// Other details for a brand. What makes the registry forget it has to be `confirmed`. `seen`: the number of the change
/// after which the form was opened.
#[server]
pub async fn change_brand(
    slug: String,
    id: String,
    seen: u64,
    #[server(default)] confirmed: bool,
    #[server(flatten)] brand: BrandInput,
) -> Result<(), AppError> {
    use store::tendlc::brands;

    let services = crate::api::context::services()?;
    let desk = crate::api::registry::desk(&slug).await?;
    let proof = desk.may()?;
    let before = brands::find(&proof, brand_id(&id)?).await?;
    let form = brand.read()?;
    if !confirmed && view::is_forgotten_by(&before, &form, &services) {
        let message = "The registry forgets what it knows of the brand when its legal name, tax number, country or entity \
                       type changes. Confirm that you want that.";
        return Err(AppError::field("confirmed", message));
    }
    services.registrations.change_brand(&proof, before.id, Some(seen), store::tendlc::From::Form, &form).await?;
    leptos_axum::redirect(&format!("/w/{}/registry/brands/{}", desk.workspace().slug, before.id));
    Ok(())
}

/// Forgets the details that the registry refused.
#[server]
pub async fn discard_brand_edit(slug: String, id: String) -> Result<(), AppError> {
    use store::tendlc::brands;

    let desk = crate::api::registry::desk(&slug).await?;
    let proof = desk.may()?;
    let id = brand_id(&id)?;
    store::beside_news!(brands::discard(&proof, id))?;
    leptos_axum::redirect(&format!("/w/{}/registry/brands/{id}", desk.workspace().slug));
    Ok(())
}

/// Has the registry compare the details again; one that it refused is handed in again.
#[server]
pub async fn hand_in_brand(slug: String, id: String) -> Result<(), AppError> {
    let services = crate::api::context::services()?;
    let proof = crate::api::registry::desk(&slug).await?.may()?;
    services.registrations.hand_in_brand_again(&proof, brand_id(&id)?).await?;
    Ok(())
}

/// Orders a vetting, which costs money.
#[server]
pub async fn vet_brand(slug: String, id: String, provider: String, class: String) -> Result<(), AppError> {
    use domain::tendlc::kinds::VettingProvider;

    let services = crate::api::context::services()?;
    let proof = crate::api::registry::desk(&slug).await?.may()?;
    let provider =
        VettingProvider::from_word(&provider).ok_or_else(|| AppError::field("provider", "Choose one of the list."))?;
    if !VETTING_CLASSES.iter().any(|(word, _)| *word == class) {
        return Err(AppError::field("class", "Choose one of the list."));
    }
    services.registrations.order_vetting(&proof, brand_id(&id)?, provider, &class).await?;
    Ok(())
}

/// Has the mail to the business contact, or the one-time code, sent again.
#[server]
pub async fn send_brand_confirmation(slug: String, id: String) -> Result<(), AppError> {
    let services = crate::api::context::services()?;
    let proof = crate::api::registry::desk(&slug).await?.may()?;
    services.registrations.send_confirmation(&proof, brand_id(&id)?).await?;
    Ok(())
}

/// Tries the one-time code that a sole proprietor got.
#[server]
pub async fn confirm_brand(slug: String, id: String, code: String) -> Result<(), AppError> {
    let services = crate::api::context::services()?;
    let proof = crate::api::registry::desk(&slug).await?.may()?;
    services.registrations.confirm_code(&proof, brand_id(&id)?, &code).await?;
    Ok(())
}

/// Asks the registry for a brand now.
#[server]
pub async fn sync_brand(slug: String, id: String) -> Result<(), AppError> {
    use store::tendlc::action;

    let services = crate::api::context::services()?;
    let proof = crate::api::registry::desk(&slug).await?.may::<action::Campaigns>()?;
    services.registrations.sync_brand(&proof, brand_id(&id)?).await?;
    Ok(())
}

/// Deletes a brand at the registry, for good. A draft is gone at once, and leads to the home of the workspace's 10DLC.
#[server]
pub async fn delete_brand(slug: String, id: String) -> Result<(), AppError> {
    let services = crate::api::context::services()?;
    let desk = crate::api::registry::desk(&slug).await?;
    let proof = desk.may()?;
    if Box::pin(services.registrations.delete_brand(&proof, brand_id(&id)?)).await?.is_none() {
        leptos_axum::redirect(&format!("/w/{}/registry", desk.workspace().slug));
    }
    Ok(())
}

#[cfg(feature = "ssr")]
fn brand_id(id: &str) -> Result<domain::id::BrandId, AppError> {
    id.parse().map_err(|_| AppError::NotFound)
}

#[cfg(feature = "ssr")]
pub(super) fn entry(desk: &store::tendlc::Desk, record: domain::audit::AuditRecord) -> HistoryEntry {
    use domain::audit::Actor;

    let who = match record.actor {
        Actor::User { name, .. } => name,
        Actor::System { reason } => format!("System ({reason})"),
        Actor::Unknown => "Unknown".to_owned(),
    };
    let at = Moment::at_desk(desk, record.at_ms);
    HistoryEntry { at, who, action: record.action, changes: record.changes, note: record.note }
}
