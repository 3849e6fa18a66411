//! Brands at the registry.

use domain::{
    id::{BrandId, WorkspaceId},
    tendlc::{BrandForm, BrandStatus, IdentityStatus, RegistryBrandId, kinds::VettingProvider, life::Registration},
};
use store::{
    SystemScope, beside_news,
    tendlc::{
        Brand, Desk, Doing, From, action,
        brands::{self, Feedback, Learned, Todo, Vetting},
    },
};
use tcr::{Error as RegistryError, Registry};
use uuid::Uuid;

use super::{Registrations, Trouble, refusal, unless_later};

/// Changes that are told one after the other; what comes then waits for the next round.
pub(super) const CHANGES_AT_ONCE: u32 = 3;

/// For so long a vetting is looked for that the registry may have taken.
const LOOKED_FOR_MS: i64 = 60 * 60_000;
const NOT_FOUND: &str = "nobody knows whether it has taken the order of a vetting: it gave no answer, and lists none an hour \
                         later; look at the account there before you order it again";

impl Registrations {
    /// Registers a brand, under an id of the caller's if there is one. It comes back registered, on its way (the registry
    /// does not answer now), or as a draft with the registry's refusal.
    pub async fn create_brand(
        &self,
        proof: &Doing<action::Brands>,
        id: Option<Uuid>,
        form: &BrandForm,
    ) -> Result<Brand, Trouble> {
        self.registry()?;
        // The same request again, which was cut off: it was made the first time, and is told on.
        if let Some(made) = self.made_before(proof, id).await? {
            return self.tell(made).await;
        }
        let details = form.check(&self.limits()).map_err(Trouble::Flaws)?;
        let brand = brands::create(proof, id, details).await?;
        self.tell(brand).await
    }

    async fn made_before(&self, desk: &Desk, id: Option<Uuid>) -> Result<Option<Brand>, Trouble> {
        let Some(id) = id else { return Ok(None) };
        match brands::find(desk, BrandId::from_uuid(id)).await {
            Ok(brand) => Ok(Some(brand)),
            Err(store::Error::NotFound) => Ok(None),
            Err(other) => Err(other.into()),
        }
    }

    /// Other details for a brand. `seen`: the number of the change after which the form was opened.
    pub async fn change_brand(
        &self,
        proof: &Doing<action::Brands>,
        id: BrandId,
        seen: Option<u64>,
        from: From,
        form: &BrandForm,
    ) -> Result<Brand, Trouble> {
        self.registry()?;
        let details = form.check(&self.limits()).map_err(Trouble::Flaws)?;
        let brand = beside_news!(brands::change(proof, id, seen, from, details.clone()))?;
        self.tell(brand).await
    }

    /// Has the registry look at a brand again.
    pub async fn hand_in_brand_again(&self, proof: &Doing<action::Brands>, id: BrandId) -> Result<Brand, Trouble> {
        self.registry()?;
        let brand = beside_news!(brands::hand_in_again(proof, id))?;
        self.tell(brand).await
    }

    /// Orders a vetting.
    pub async fn order_vetting(
        &self,
        proof: &Doing<action::Brands>,
        id: BrandId,
        provider: VettingProvider,
        class: &str,
    ) -> Result<Brand, Trouble> {
        self.registry()?;
        let brand = beside_news!(brands::order_vetting(proof, id, provider, class))?;
        self.tell(brand).await
    }

    /// Has the mail to the business contact, or the one-time code, sent again.
    pub async fn send_confirmation(&self, proof: &Doing<action::Brands>, id: BrandId) -> Result<Brand, Trouble> {
        self.registry()?;
        let brand = beside_news!(brands::send_confirmation(proof, id))?;
        self.tell(brand).await
    }

    /// Tries the one-time code that a sole proprietor got.
    pub async fn confirm_code(&self, proof: &Doing<action::Brands>, id: BrandId, code: &str) -> Result<Brand, Trouble> {
        let registry = self.registry()?;
        let registry_id = brands::code_tried(proof, id).await?;
        registry.confirm_code(registry_id, code.trim()).await?;
        self.settle_brand(proof.workspace_id(), id).await
    }

    /// Deletes a brand for good. None: it was a draft, and is gone.
    pub async fn delete_brand(&self, proof: &Doing<action::Brands>, id: BrandId) -> Result<Option<Brand>, Trouble> {
        let before = brands::find(proof, id).await?;
        if before.registration.id().is_some() {
            self.registry()?;
        }
        match beside_news!(brands::delete(proof, id))? {
            Some(brand) => self.tell(brand).await.map(Some),
            None => Ok(None),
        }
    }

    /// Asks the registry for a brand now.
    pub async fn sync_brand(&self, desk: &Desk, id: BrandId) -> Result<Brand, Trouble> {
        brands::find(desk, id).await?;
        self.settle_brand(desk.workspace_id(), id).await
    }

    /// While a person waits.
    async fn tell(&self, brand: Brand) -> Result<Brand, Trouble> {
        let told = self.settle_brand(brand.workspace, brand.id).await;
        if told.is_err() {
            // What was done of it is on record.
            let now = brands::load(&self.scope(brand.workspace), brand.id).await?;
            return unless_later(told, now);
        }
        told
    }

    /// Tells the registry what it has to be told of a brand, and asks what it says.
    pub(super) async fn settle_brand(&self, workspace: WorkspaceId, id: BrandId) -> Result<Brand, Trouble> {
        self.noted(Box::pin(self.speak_of_brand(workspace, id)).await)
    }

    async fn speak_of_brand(&self, workspace: WorkspaceId, id: BrandId) -> Result<Brand, Trouble> {
        let registry = self.registry()?;
        let _alone = self.alone(&id).await;
        let scope = self.scope(workspace);
        let mut brand = brands::load(&scope, id).await?;
        if let Registration::Sent { reference } = &brand.registration {
            brand = match registry.create_brand(reference, &brand.details).await {
                Ok(record) => brands::registered(&scope, id, record.id).await?,
                Err(error) => match refusal(&error) {
                    Some(why) => return Ok(brands::refused(&scope, id, &why).await?),
                    None => return Err(error.into()),
                },
            };
        }
        let Some(registry_id) = brand.registration.id() else { return Ok(brand) };
        for todo in brand.todo.clone() {
            if todo == Todo::Change {
                brand = self.change_at_registry(registry, &scope, brand, registry_id).await?;
                continue;
            }
            if let Todo::Vetting { .. } = todo {
                brand = vet(registry, &scope, brand, registry_id, &todo).await?;
                continue;
            }
            brand = match tell_one(registry, registry_id, &brand, &todo).await {
                Ok(()) => {
                    if todo == Todo::Delete {
                        gone(&scope, &brand).await?;
                    }
                    brands::told(&scope, &brand, &todo, None).await?
                }
                Err(error) => match refusal(&error) {
                    Some(why) => brands::told(&scope, &brand, &todo, Some(&why)).await?,
                    None => return Err(error.into()),
                },
            };
        }
        if brand.status() == BrandStatus::Deleted {
            return Ok(brand);
        }
        ask(registry, &scope, &brand, registry_id).await
    }

    /// Tells the registry of other details: first of those of which it was told without an answer.
    async fn change_at_registry(
        &self,
        registry: &dyn Registry,
        scope: &SystemScope,
        mut brand: Brand,
        registry_id: RegistryBrandId,
    ) -> Result<Brand, Trouble> {
        for _ in 0..CHANGES_AT_ONCE {
            brand = brands::telling(scope, brand.id).await?;
            let Some(details) = brand.telling.clone() else { break };
            let sent = Brand { details, ..brand };
            let refused = match registry.update_brand(registry_id, &sent.details).await {
                Ok(_) => None,
                Err(error) => Some(refusal(&error).ok_or(error)?),
            };
            brand = brands::told(scope, &sent, &Todo::Change, refused.as_deref()).await?;
        }
        Ok(brand)
    }

    /// Asks the registry, and puts what it says on record.
    pub(super) async fn ask_brand(&self, scope: &SystemScope, brand: &Brand) -> Result<Brand, Trouble> {
        let Some(registry_id) = brand.registration.id() else { return Ok(brand.clone()) };
        self.noted(ask(self.registry()?, scope, brand, registry_id).await)
    }
}

/// Orders a vetting, which costs money: so it is ordered once. Which vettings there are is on record before, and while nobody
/// knows whether the registry has taken the order it is looked for, and not given again.
async fn vet(
    registry: &dyn Registry,
    scope: &SystemScope,
    brand: Brand,
    id: RegistryBrandId,
    order: &Todo,
) -> Result<Brand, Trouble> {
    let Todo::Vetting { provider, class, before, unsure_since_ms } = order else { return Ok(brand) };
    let refused = if let (Some(before), Some(since_ms)) = (before, unsure_since_ms) {
        match registry.find_vetting(id, *provider, class, before).await {
            Ok(Some(_)) => None,
            Ok(None) if scope.now_ms() - since_ms < LOOKED_FOR_MS => return Ok(brand),
            Ok(None) => Some(NOT_FOUND.to_owned()),
            Err(error) => Some(refusal(&error).ok_or(error)?),
        }
    } else {
        order_once(registry, scope, &brand, id, order).await?
    };
    Ok(brands::told(scope, &brand, order, refused.as_deref()).await?)
}

/// The registry's refusal, if it refused.
async fn order_once(
    registry: &dyn Registry,
    scope: &SystemScope,
    brand: &Brand,
    id: RegistryBrandId,
    order: &Todo,
) -> Result<Option<String>, Trouble> {
    let Todo::Vetting { provider, class, .. } = order else { return Ok(None) };
    let there: Vec<String> = match registry.vettings(id).await {
        Ok(vettings) => vettings.into_iter().map(|vetting| vetting.id).collect(),
        Err(error) => return Ok(Some(refusal(&error).ok_or(error)?)),
    };
    brands::vetting_begins(scope, brand.id, order, &there).await?;
    match registry.order_vetting(id, *provider, class, &there).await {
        Ok(_) => Ok(None),
        Err(error) => match refusal(&error) {
            Some(why) => Ok(Some(why)),
            None => {
                if !error.is_unsure() {
                    brands::vetting_not_sent(scope, brand.id, order).await?;
                }
                Err(error.into())
            }
        },
    }
}

async fn tell_one(
    registry: &dyn Registry,
    id: RegistryBrandId,
    brand: &Brand,
    todo: &Todo,
) -> Result<(), RegistryError> {
    match todo {
        // Told by themselves.
        Todo::Change | Todo::Vetting { .. } => Ok(()),
        Todo::VerifyAgain => registry.verify_again(id).await.map(drop),
        Todo::Confirmation => registry.send_confirmation(id, brand.details.entity_type).await,
        Todo::Delete => registry.delete_brand(id).await,
    }
}

/// It is deleted at the registry.
pub(super) async fn gone(scope: &SystemScope, brand: &Brand) -> Result<Brand, Trouble> {
    let learned = Learned {
        answer: None,
        confirmed: brand.confirmed,
        vettings: brand.vettings.clone(),
        feedback: Vec::new(),
        asked_at_ms: scope.now_ms(),
    };
    Ok(brands::learn(scope, brand.id, &learned).await?)
}

async fn ask(
    registry: &dyn Registry,
    scope: &SystemScope,
    brand: &Brand,
    registry_id: RegistryBrandId,
) -> Result<Brand, Trouble> {
    let asked_at_ms = scope.now_ms();
    let record = match registry.brand(registry_id).await {
        Ok(record) => record,
        Err(RegistryError::NotFound) => return gone(scope, brand).await,
        Err(other) => return Err(other.into()),
    };
    let vettings = registry.vettings(registry_id).await?;
    let feedback =
        if record.identity == IdentityStatus::Unverified { registry.feedback(registry_id).await? } else { Vec::new() };
    let learned = Learned {
        answer: Some(record.answer()),
        confirmed: record.confirmed,
        vettings: vettings
            .into_iter()
            .map(|vetting| Vetting {
                id: vetting.id,
                provider: vetting.provider,
                class: vetting.class,
                status: vetting.status,
                score: vetting.score,
            })
            .collect(),
        feedback: feedback
            .into_iter()
            .map(|entry| Feedback { category: entry.category, description: entry.description, fields: entry.fields })
            .collect(),
        asked_at_ms,
    };
    Ok(brands::learn(scope, brand.id, &learned).await?)
}
