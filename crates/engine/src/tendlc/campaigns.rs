//! 10DLC campaigns at the registry.

use std::{collections::BTreeMap, time::Duration};

use domain::{
    id::{BrandId, TenDlcCampaignId, WorkspaceId},
    tendlc::{
        CarrierStatus, RegistryCampaignId, RegistryStatus, Rule, TenDlcCampaign, UseCase,
        campaign::Brand as BrandFacts, flaw::Flaw, life::Registration, use_case::Requirements,
    },
};
use store::{
    SystemScope, beside_news,
    tendlc::{
        Brand, Desk, Doing, From, TenDlc, action, brands,
        campaigns::{self, Learned, Rejection, Todo},
        numbers,
    },
};
use tcr::{Error as RegistryError, Registry, error::Problem, registry::SharingRecord};
use uuid::Uuid;

use super::{Registrations, Trouble, brands::CHANGES_AT_ONCE, refusal, unless_later};

/// What is asked for, as far as it is known while somebody writes.
#[derive(Debug, Clone)]
pub struct AskedFor {
    pub needs: Requirements,
    /// Why the brand cannot have the use case.
    pub closed: Option<Flaw>,
    /// Whether the registry has said what carriers demand of the brand.
    pub answered: bool,
}

/// A page waits for the registry at most so long.
const PAGE_WAITS: Duration = Duration::from_secs(3);

impl Registrations {
    /// What a use case asks of a brand: the table, and what carriers demand of this brand besides.
    pub async fn requirements(&self, desk: &Desk, brand: BrandId, use_case: UseCase) -> Result<Requirements, Trouble> {
        let brand = brands::find(desk, brand).await?;
        self.requirements_of(&brand, use_case).await
    }

    /// The same for a page, which does not wait for a registry that is slow or away: then it is what the table says.
    pub async fn requirements_for_page(
        &self,
        desk: &Desk,
        brand: BrandId,
        use_case: UseCase,
    ) -> Result<AskedFor, Trouble> {
        let table = || use_case.requirements(&self.limits());
        match tokio::time::timeout(PAGE_WAITS, self.requirements(desk, brand, use_case)).await {
            Ok(Ok(needs)) => Ok(AskedFor { needs, closed: None, answered: true }),
            Ok(Err(Trouble::Flaws(flaws))) => {
                Ok(AskedFor { needs: table(), closed: flaws.into_iter().next(), answered: true })
            }
            Ok(Err(Trouble::Store(error))) => Err(error.into()),
            Ok(Err(Trouble::Off | Trouble::Registry(_))) | Err(_) => {
                Ok(AskedFor { needs: table(), closed: None, answered: false })
            }
        }
    }

    async fn requirements_of(&self, brand: &Brand, use_case: UseCase) -> Result<Requirements, Trouble> {
        let needs = use_case.requirements(&self.limits());
        let Some(registry_id) = brand.registration.id() else { return Ok(needs) };
        let qualification = self.registry()?.qualify(registry_id, use_case).await?;
        if qualification.is_open() {
            return Ok(needs.narrowed(&qualification.demands));
        }
        let why = use_case
            .closed_to(brand.details.entity_type, brand.identity())
            .unwrap_or("no carrier takes this brand for it; choose another use case, or have the brand vetted");
        Err(Trouble::Flaws(vec![Flaw::new("usecase", Rule::UseCaseClosed { use_case, why })]))
    }

    async fn checked(&self, brand: &Brand, form: &TenDlcCampaign) -> Result<TenDlcCampaign, Trouble> {
        let needs = self.requirements_of(brand, form.use_case).await?;
        let facts = BrandFacts {
            display_name: &brand.details.display_name,
            company_name: brand.details.company_name.as_deref(),
            entity_type: brand.details.entity_type,
            identity: brand.identity(),
        };
        form.check(&facts, &needs, &self.limits()).map_err(Trouble::Flaws)
    }

    /// Registers a 10DLC campaign, under an id of the caller's if there is one. It comes back registered, on its way, or as
    /// a draft with the registry's refusal.
    pub async fn create_campaign(
        &self,
        proof: &Doing<action::Campaigns>,
        id: Option<Uuid>,
        brand: BrandId,
        form: &TenDlcCampaign,
    ) -> Result<TenDlc, Trouble> {
        self.registry()?;
        // The same request again, which was cut off: it was made the first time, and is told on.
        if let Some(made) = self.campaign_made_before(proof, id).await? {
            return self.tell_campaign(made).await;
        }
        let brand = brands::find(proof, brand).await?;
        // Said before anything else that is wrong: none of it matters yet. How many there may be is counted when it is
        // written.
        let standing = brand.standing(0).check();
        standing.map_err(|why| store::Error::Invalid { field: "brand_id", message: why.to_string() })?;
        let form = Box::pin(self.checked(&brand, form)).await?;
        let campaign = beside_news!(campaigns::create(proof, id, brand.id, form.clone()))?;
        self.tell_campaign(campaign).await
    }

    async fn campaign_made_before(&self, desk: &Desk, id: Option<Uuid>) -> Result<Option<TenDlc>, Trouble> {
        let Some(id) = id else { return Ok(None) };
        match campaigns::find(desk, TenDlcCampaignId::from_uuid(id)).await {
            Ok(campaign) => Ok(Some(campaign)),
            Err(store::Error::NotFound) => Ok(None),
            Err(other) => Err(other.into()),
        }
    }

    /// Another form for a 10DLC campaign. `seen`: the number of the change after which it was read.
    pub async fn change_campaign(
        &self,
        proof: &Doing<action::Campaigns>,
        id: TenDlcCampaignId,
        seen: Option<u64>,
        from: From,
        form: &TenDlcCampaign,
    ) -> Result<TenDlc, Trouble> {
        self.registry()?;
        let before = campaigns::find(proof, id).await?;
        if before.registration.id().is_some() {
            let fixed = before.form.immutable_changes(form);
            if !fixed.is_empty() {
                return Err(Trouble::Flaws(fixed));
            }
        }
        let brand = brands::find(proof, before.brand).await?;
        let form = Box::pin(self.checked(&brand, form)).await?;
        let campaign = beside_news!(campaigns::change(proof, id, seen, from, form.clone()))?;
        self.tell_campaign(campaign).await
    }

    /// Hands in what was typed in the wizard, as it was seen after the change with this number, and has the carriers that rejected it look again.
    pub async fn hand_in_campaign(
        &self,
        proof: &Doing<action::Campaigns>,
        id: TenDlcCampaignId,
        seen: u64,
    ) -> Result<TenDlc, Trouble> {
        let before = campaigns::find(proof, id).await?;
        let rejected = before.carriers().values().any(|status| *status == CarrierStatus::Rejected);
        let (seen, typed) = (Some(seen), before.typed());
        let changed = Box::pin(self.change_campaign(proof, id, seen, From::Form, typed)).await?;
        if rejected && changed.refusal.is_none() { self.resubmit_campaign(proof, id).await } else { Ok(changed) }
    }

    /// Has the carriers that rejected it look again. What the registry does not have is handed in as it is, after the same
    /// checks as any other form.
    pub async fn resubmit_campaign(
        &self,
        proof: &Doing<action::Campaigns>,
        id: TenDlcCampaignId,
    ) -> Result<TenDlc, Trouble> {
        self.registry()?;
        let before = campaigns::find(proof, id).await?;
        if before.registration.id().is_none() {
            campaigns::check_open(&before)?;
            let seen = Some(before.edits.count);
            return Box::pin(self.change_campaign(proof, id, seen, From::Program, before.typed())).await;
        }
        let campaign = beside_news!(campaigns::resubmit(proof, id))?;
        self.tell_campaign(campaign).await
    }

    /// Has it shared with the partner upstream once more.
    pub async fn share_campaign(
        &self,
        proof: &Doing<action::Campaigns>,
        id: TenDlcCampaignId,
    ) -> Result<TenDlc, Trouble> {
        self.registry()?;
        let what = "no partner upstream is set up in this installation: whoever runs it names one in [registry]";
        let partner = self.0.config.partner.as_ref();
        let partner = partner.ok_or_else(|| store::Error::Stale { what: what.to_owned() })?;
        let campaign = beside_news!(campaigns::share_again(proof, id, partner))?;
        self.tell_campaign(campaign).await
    }

    /// Deactivates it for good. None: it was a draft, and is gone.
    pub async fn deactivate_campaign(
        &self,
        proof: &Doing<action::Campaigns>,
        id: TenDlcCampaignId,
    ) -> Result<Option<TenDlc>, Trouble> {
        let before = campaigns::find(proof, id).await?;
        if before.registration.id().is_some() {
            self.registry()?;
        }
        match beside_news!(campaigns::deactivate(proof, id))? {
            Some(campaign) => self.tell_campaign(campaign).await.map(Some),
            None => Ok(None),
        }
    }

    /// Asks the registry and the carriers for it now.
    pub async fn sync_campaign(&self, desk: &Desk, id: TenDlcCampaignId) -> Result<TenDlc, Trouble> {
        campaigns::find(desk, id).await?;
        self.settle_campaign(desk.workspace_id(), id).await
    }

    /// While a person waits.
    async fn tell_campaign(&self, campaign: TenDlc) -> Result<TenDlc, Trouble> {
        let told = self.settle_campaign(campaign.workspace, campaign.id).await;
        if told.is_err() {
            // What was done of it is on record.
            let now = campaigns::load(&self.scope(campaign.workspace), campaign.id).await?;
            return unless_later(told, now);
        }
        told
    }

    /// Tells the registry what it has to be told of a 10DLC campaign, and asks what it says.
    pub(super) async fn settle_campaign(
        &self,
        workspace: WorkspaceId,
        id: TenDlcCampaignId,
    ) -> Result<TenDlc, Trouble> {
        self.noted(Box::pin(self.speak_of_campaign(workspace, id)).await)
    }

    async fn speak_of_campaign(&self, workspace: WorkspaceId, id: TenDlcCampaignId) -> Result<TenDlc, Trouble> {
        let registry = self.registry()?;
        let _alone = self.alone(&id).await;
        let scope = self.scope(workspace);
        let mut campaign = campaigns::load(&scope, id).await?;
        if let Registration::Sent { reference } = &campaign.registration {
            let brand = brands::load(&scope, campaign.brand).await?;
            let Some(brand_id) = brand.registration.id() else {
                let why = "the brand is not registered any more; hand it in first";
                return Ok(campaigns::refused(&scope, id, why).await?);
            };
            campaign = match registry.create_campaign(reference, brand_id, &campaign.form).await {
                Ok(record) => campaigns::registered(&scope, id, record.id).await?,
                Err(error) => match refusal(&error) {
                    Some(why) => return Ok(campaigns::refused(&scope, id, &why).await?),
                    None => return Err(error.into()),
                },
            };
        }
        let Some(registry_id) = campaign.registration.id() else { return Ok(campaign) };
        campaign = self.shared_if_needed(&scope, campaign).await?;
        for todo in campaign.todo.clone() {
            if todo == Todo::Change {
                campaign = self.change_campaign_at_registry(registry, &scope, campaign, registry_id).await?;
                continue;
            }
            let told = match todo {
                Todo::Share => share(registry, registry_id, &campaign).await,
                Todo::Change => Ok(()),
                Todo::Resubmit => resubmit(registry, &scope, registry_id, &campaign).await?,
                Todo::Deactivate => registry.deactivate(registry_id).await,
            };
            let refused = match told {
                Ok(()) => None,
                Err(error) => Some(refusal(&error).ok_or(error)?),
            };
            if todo == Todo::Deactivate && refused.is_none() {
                self.ended(&scope, id).await?;
            }
            campaign = campaigns::told(&scope, &campaign, todo, refused.as_deref()).await?;
        }
        if campaign.status() == Some(RegistryStatus::Expired) {
            return Ok(campaign);
        }
        self.ask(registry, &scope, &campaign, registry_id).await
    }

    /// Tells the registry of another form: first of the one of which it was told without an answer.
    async fn change_campaign_at_registry(
        &self,
        registry: &dyn Registry,
        scope: &SystemScope,
        mut campaign: TenDlc,
        registry_id: RegistryCampaignId,
    ) -> Result<TenDlc, Trouble> {
        for _ in 0..CHANGES_AT_ONCE {
            campaign = campaigns::telling(scope, campaign.id).await?;
            let Some(form) = campaign.telling.clone() else { break };
            let sent = TenDlc { form, ..campaign };
            let refused = match registry.update_campaign(registry_id, &sent.form).await {
                Ok(_) => None,
                Err(error) => Some(refusal(&error).ok_or(error)?),
            };
            campaign = campaigns::told(scope, &sent, Todo::Change, refused.as_deref()).await?;
        }
        Ok(campaign)
    }

    /// What the registry has is shared with the partner upstream, if this installation has one. What is of a mock brand
    /// reaches nobody.
    async fn shared_if_needed(&self, scope: &SystemScope, campaign: TenDlc) -> Result<TenDlc, Trouble> {
        let Some(partner) = &self.0.config.partner else { return Ok(campaign) };
        if campaign.upstream.as_ref().is_some_and(|upstream| upstream.partner == *partner)
            || brands::load(scope, campaign.brand).await?.details.mock
        {
            return Ok(campaign);
        }
        Ok(campaigns::to_be_shared(scope, campaign.id, partner).await?)
    }

    /// Asks the registry and the carriers, and puts what they say on record.
    pub(super) async fn ask_campaign(&self, scope: &SystemScope, campaign: &TenDlc) -> Result<TenDlc, Trouble> {
        let Some(registry_id) = campaign.registration.id() else { return Ok(campaign.clone()) };
        self.noted(self.ask(self.registry()?, scope, campaign, registry_id).await)
    }

    async fn ask(
        &self,
        registry: &dyn Registry,
        scope: &SystemScope,
        campaign: &TenDlc,
        registry_id: RegistryCampaignId,
    ) -> Result<TenDlc, Trouble> {
        let asked_at_ms = scope.now_ms();
        let record = match registry.campaign(registry_id).await {
            Ok(record) => record,
            Err(RegistryError::NotFound) => return self.ended(scope, campaign.id).await,
            Err(other) => return Err(other.into()),
        };
        let carriers = registry.carriers(registry_id).await?;
        let sharing = registry.sharing(registry_id).await?;
        let rejections = carriers.iter().filter_map(|(carrier, record)| {
            let rejection = record.rejection.clone()?;
            Some((*carrier, Rejection { category: rejection.category, reason: rejection.reason }))
        });
        let rejections: BTreeMap<_, _> = rejections.collect();
        // What another partner says, with whom it was shared past Message Center, says nothing of ours.
        let is_ours = |shared: &SharingRecord| {
            campaign.upstream.as_ref().is_none_or(|upstream| shared.partner.as_ref() == Some(&upstream.partner))
        };
        let sharing = sharing.filter(is_ours);
        let answer = record.answer(sharing.as_ref().map(|shared| shared.state), &carriers);
        let sharing_reason = sharing.and_then(|shared| shared.reason);
        let learned = Learned { answer, rejections, sharing_reason, asked_at_ms };
        let campaign = campaigns::learn(scope, campaign.id, &learned).await?;
        if campaign.status() == Some(RegistryStatus::Expired) {
            self.free_numbers(scope, campaign.id).await?;
        }
        Ok(campaign)
    }

    /// It is over at the registry: so it is here, and its numbers are free.
    pub(super) async fn ended(&self, scope: &SystemScope, id: TenDlcCampaignId) -> Result<TenDlc, Trouble> {
        let campaign = campaigns::expired(scope, id).await?;
        self.free_numbers(scope, id).await?;
        Ok(campaign)
    }

    pub(super) async fn free_numbers(&self, scope: &SystemScope, id: TenDlcCampaignId) -> Result<(), Trouble> {
        let mut after = None;
        loop {
            let found = numbers::in_campaign(scope, id, after).await?;
            let Some(last) = found.last() else { return Ok(()) };
            after = Some(*last);
            for number in found {
                numbers::released(scope, number, id, Some("the 10DLC campaign has ended")).await?;
            }
        }
    }
}

/// Has the carriers look again, once: where nobody knows whether the registry heard it, a carrier that rejects the 10DLC
/// campaign may have looked already.
async fn resubmit(
    registry: &dyn Registry,
    scope: &SystemScope,
    id: RegistryCampaignId,
    campaign: &TenDlc,
) -> Result<Result<(), RegistryError>, Trouble> {
    if campaign.resubmission_unsure {
        let carriers = registry.carriers(id).await?;
        let rejected = carriers.values().any(|record| record.status == CarrierStatus::Rejected);
        return Ok(if rejected { Err(RegistryError::Refused(vec![Problem::new(0, "", UNSURE)])) } else { Ok(()) });
    }
    campaigns::resubmission_unsure(scope, campaign.id, true).await?;
    let told = registry.resubmit(id).await.map(drop);
    if told.as_ref().is_err_and(|error| !error.is_unsure()) {
        campaigns::resubmission_unsure(scope, campaign.id, false).await?;
    }
    Ok(told)
}

/// Said as the registry's refusal.
const UNSURE: &str = "it gave no answer to the resubmission, and a carrier rejects it now: see the carrier's reason, and \
                      resubmit it once more";

async fn share(registry: &dyn Registry, id: RegistryCampaignId, campaign: &TenDlc) -> Result<(), RegistryError> {
    match &campaign.upstream {
        Some(upstream) => registry.share(id, &upstream.partner, upstream.again).await,
        None => Ok(()),
    }
}
