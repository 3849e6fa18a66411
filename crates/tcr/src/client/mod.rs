//! The registry over HTTP.
//!
//! Calls that read, and those that set what may be set twice, are simply made again after an error on the way. What
//! creates something is looked up by its reference first, and again after each attempt of whose end nothing is known: an
//! answer that was lost, a time-out, an error of the server's. So it is registered once, wherever the line was cut, and
//! also when this process dies between the registry's answer and our record of it.

mod pace;
mod send;

use std::{collections::BTreeMap, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{
    phone::PhoneNumber,
    tendlc::{
        BrandDetails, Carrier, CarrierStatus, EntityType, PartnerId, RegistryBrandId, RegistryCampaignId, SharingState,
        TenDlcCampaign, UseCase, kinds::VettingProvider,
    },
};
use futures::FutureExt as _;
use http::{HeaderValue, Method};
use zeroize::Zeroizing;

use self::{
    pace::Pace,
    send::{Call, Look, Repeat},
};
use crate::{
    error::Error,
    registry::{
        Answer, BrandRecord, CampaignRecord, CarrierRecord, Feedback, Page, Qualification, Registry, SharingRecord,
        VettingRecord,
    },
    secret::Secret,
    wire::{
        CodeBody, NumberBody, PageBody, SubscriptionBody,
        brand::{self, BrandAnswerBody, BrandBody, FeedbackBody, VettingBody},
        campaign::{self, CampaignAnswerBody, CampaignBody, OperationBody, QualificationBody, SharingBody},
    },
};

/// How to reach the registry.
#[derive(Debug, Clone)]
pub struct ClientConfig {
    /// With the version, such as `https://csp-api.campaignregistry.com/v2`.
    pub base_url: String,
    pub api_key: Secret,
    pub secret: Secret,
    pub connect_time_out: Duration,
    /// Of one attempt.
    pub time_out: Duration,
    pub attempts: u32,
    /// Before the second attempt; it doubles each time.
    pub first_pause: Duration,
    /// How long a call takes at most, with waiting for its turn.
    pub patience: Duration,
    /// The registry allows 20 reads a second and 20 writes in ten seconds.
    pub reads_per_s: u32,
    pub writes_per_10_s: u32,
}

impl ClientConfig {
    #[must_use]
    pub fn new(base_url: impl Into<String>, api_key: Secret, secret: Secret) -> Self {
        Self {
            base_url: base_url.into(),
            api_key,
            secret,
            connect_time_out: Duration::from_secs(5),
            time_out: Duration::from_secs(20),
            attempts: 5,
            first_pause: Duration::from_millis(250),
            patience: Duration::from_secs(60),
            reads_per_s: 20,
            writes_per_10_s: 20,
        }
    }
}

/// The client cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    #[error("the registry's address has to begin with https:// (http:// on this machine only)")]
    Address,
    #[error("the registry's key holds signs that no header can hold")]
    Key,
    #[error("no HTTP client can be made: {0}")]
    Http(String),
}

/// See the module.
#[derive(Debug)]
pub struct Client {
    config: ClientConfig,
    http: reqwest::Client,
    authorization: HeaderValue,
    reads: Pace,
    writes: Pace,
}

impl Client {
    /// # Errors
    /// [`ClientError`]. Nothing is sent yet.
    pub fn new(config: ClientConfig) -> Result<Self, ClientError> {
        let local = ["http://127.0.0.1", "http://[::1]", "http://localhost"];
        if !config.base_url.starts_with("https://") && !local.iter().any(|start| config.base_url.starts_with(start)) {
            return Err(ClientError::Address);
        }
        let pair = Zeroizing::new(format!("{}:{}", config.api_key.expose(), config.secret.expose()));
        let basic = Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes())));
        let mut authorization = HeaderValue::from_str(&basic).map_err(|_| ClientError::Key)?;
        authorization.set_sensitive(true);
        let http = reqwest::Client::builder()
            .connect_timeout(config.connect_time_out)
            // A redirected POST would go out a second time, and the key to somebody else.
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("message-center/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| ClientError::Http(error.to_string()))?;
        let reads = Pace::new(config.reads_per_s, Duration::from_secs(1));
        let writes = Pace::new(config.writes_per_10_s, Duration::from_secs(10));
        Ok(Self { config, http, authorization, reads, writes })
    }

    async fn nobody_rejects(&self, id: RegistryCampaignId) -> Result<Option<CampaignRecord>, Error> {
        let carriers = self.carriers(id).await?;
        if carriers.values().any(|record| record.status == CarrierStatus::Rejected) {
            return Ok(None);
        }
        self.campaign(id).await.map(Some)
    }

    async fn is_shared(&self, id: RegistryCampaignId, partner: &PartnerId, again: bool) -> Result<Option<()>, Error> {
        let shared = self.sharing(id).await?.filter(|shared| shared.partner.as_ref() == Some(partner));
        Ok(shared.filter(|shared| !again || shared.state != SharingState::Declined).map(drop))
    }
}

/// The list is asked for the reference, and what is not exactly it is left out: some filters take parts.
fn exactly<T>(records: Vec<T>, reference: &str, of: impl Fn(&T) -> Option<&str>) -> Option<T> {
    records.into_iter().find(|record| of(record) == Some(reference))
}

fn listed(path: &str, page: u32, records: u32) -> Call {
    Call::get(path).query("page", page.max(1).to_string()).query("recordsPerPage", records.clamp(10, 500).to_string())
}

fn page<T, B>(body: PageBody<B>) -> Page<T>
where
    T: From<B>,
{
    Page { records: body.records.into_iter().map(T::from).collect(), page: body.page, total: body.total_records }
}

impl Registry for Client {
    fn create_brand<'a>(&'a self, reference: &'a str, details: &'a BrandDetails) -> Answer<'a, BrandRecord> {
        async move {
            let call = Call::new(Method::POST, "/brand/nonBlocking").body(&BrandBody::new(Some(reference), details));
            let look: Look<'_, BrandRecord> = &|| self.find_brand(reference);
            self.once::<_, BrandAnswerBody>(&call, look).await
        }
        .boxed()
    }

    fn brand(&self, id: RegistryBrandId) -> Answer<'_, BrandRecord> {
        async move { Ok(self.call::<BrandAnswerBody>(&Call::get(format!("/brand/{id}"))).await?.into()) }.boxed()
    }

    fn find_brand<'a>(&'a self, reference: &'a str) -> Answer<'a, Option<BrandRecord>> {
        async move {
            let call = listed("/brand", 1, 10).query("referenceId", reference);
            let body: PageBody<BrandAnswerBody> = self.call(&call).await?;
            Ok(exactly(page(body).records, reference, |brand: &BrandRecord| brand.reference.as_deref()))
        }
        .boxed()
    }

    fn brands(&self, number: u32, records: u32) -> Answer<'_, Page<BrandRecord>> {
        async move { Ok(page(self.call::<PageBody<BrandAnswerBody>>(&listed("/brand", number, records)).await?)) }
            .boxed()
    }

    fn update_brand<'a>(&'a self, id: RegistryBrandId, details: &'a BrandDetails) -> Answer<'a, BrandRecord> {
        async move {
            let call = Call::new(Method::PUT, format!("/brand/{id}")).body(&BrandBody::new(None, details));
            Ok(self.call::<BrandAnswerBody>(&call).await?.into())
        }
        .boxed()
    }

    fn delete_brand(&self, id: RegistryBrandId) -> Answer<'_, ()> {
        async move { self.done(&Call::new(Method::DELETE, format!("/brand/{id}")), true).await }.boxed()
    }

    fn feedback(&self, id: RegistryBrandId) -> Answer<'_, Vec<Feedback>> {
        async move {
            let body: FeedbackBody = self.call(&Call::get(format!("/brand/feedback/{id}"))).await?;
            Ok(body.category.into_iter().map(Feedback::from).collect())
        }
        .boxed()
    }

    fn verify_again(&self, id: RegistryBrandId) -> Answer<'_, BrandRecord> {
        async move {
            let call = Call::new(Method::PUT, format!("/brand/{id}/revet"));
            Ok(self.call::<BrandAnswerBody>(&call).await?.into())
        }
        .boxed()
    }

    fn send_confirmation(&self, id: RegistryBrandId, entity: EntityType) -> Answer<'_, ()> {
        async move {
            let what = if entity == EntityType::SoleProprietor { "smsOtp" } else { "2faEmail" };
            self.done(&Call::new(Method::POST, format!("/brand/{id}/{what}")), false).await
        }
        .boxed()
    }

    fn confirm_code<'a>(&'a self, id: RegistryBrandId, code: &'a str) -> Answer<'a, BrandRecord> {
        async move {
            let body = CodeBody { otp_pin: code.to_owned() };
            let call = Call::new(Method::PUT, format!("/brand/{id}/smsOtp")).body(&body);
            self.done(&call, false).await?;
            self.brand(id).await
        }
        .boxed()
    }

    fn order_vetting<'a>(
        &'a self,
        id: RegistryBrandId,
        provider: VettingProvider,
        class: &'a str,
        before: &'a [String],
    ) -> Answer<'a, VettingRecord> {
        async move {
            let body = VettingBody {
                evp_id: provider.word().to_owned(),
                vetting_class: class.to_owned(),
                vetting_id: String::new(),
                vetting_status: None,
                vetting_score: None,
            };
            let call = Call::new(Method::POST, format!("/brand/{id}/externalVetting")).body(&body);
            let look: Look<'_, VettingRecord> = &|| self.find_vetting(id, provider, class, before);
            self.at_most_once::<_, VettingBody>(&call, look).await
        }
        .boxed()
    }

    fn vettings(&self, id: RegistryBrandId) -> Answer<'_, Vec<VettingRecord>> {
        async move {
            let body: Vec<VettingBody> = self.call(&Call::get(format!("/brand/{id}/externalVetting"))).await?;
            Ok(brand::vettings(body))
        }
        .boxed()
    }

    fn find_vetting<'a>(
        &'a self,
        id: RegistryBrandId,
        provider: VettingProvider,
        class: &'a str,
        before: &'a [String],
    ) -> Answer<'a, Option<VettingRecord>> {
        async move {
            let is_it = |vetting: &VettingRecord| {
                vetting.provider == provider && vetting.class == class && !before.contains(&vetting.id)
            };
            Ok(self.vettings(id).await?.into_iter().find(is_it))
        }
        .boxed()
    }

    fn qualify(&self, brand: RegistryBrandId, use_case: UseCase) -> Answer<'_, Qualification> {
        async move {
            let call = Call::get(format!("/campaignBuilder/brand/{brand}/usecase/{use_case}"));
            Ok(self.call::<QualificationBody>(&call).await?.into())
        }
        .boxed()
    }

    fn create_campaign<'a>(
        &'a self,
        reference: &'a str,
        brand: RegistryBrandId,
        campaign: &'a TenDlcCampaign,
    ) -> Answer<'a, CampaignRecord> {
        async move {
            let body = CampaignBody::new(reference, Some(brand), campaign);
            let call = Call::new(Method::POST, "/campaignBuilder").body(&body);
            let look: Look<'_, CampaignRecord> = &|| self.find_campaign(reference);
            self.once::<_, CampaignAnswerBody>(&call, look).await
        }
        .boxed()
    }

    fn campaign(&self, id: RegistryCampaignId) -> Answer<'_, CampaignRecord> {
        async move { Ok(self.call::<CampaignAnswerBody>(&Call::get(format!("/campaign/{id}"))).await?.into()) }.boxed()
    }

    fn find_campaign<'a>(&'a self, reference: &'a str) -> Answer<'a, Option<CampaignRecord>> {
        async move {
            let call = listed("/campaign", 1, 10).query("referenceId", reference);
            let body: PageBody<CampaignAnswerBody> = self.call(&call).await?;
            Ok(exactly(page(body).records, reference, |campaign: &CampaignRecord| campaign.reference.as_deref()))
        }
        .boxed()
    }

    fn campaigns(&self, number: u32, records: u32) -> Answer<'_, Page<CampaignRecord>> {
        async move { Ok(page(self.call::<PageBody<CampaignAnswerBody>>(&listed("/campaign", number, records)).await?)) }
            .boxed()
    }

    fn update_campaign<'a>(
        &'a self,
        id: RegistryCampaignId,
        campaign: &'a TenDlcCampaign,
    ) -> Answer<'a, CampaignRecord> {
        async move {
            let body = CampaignBody::new("", None, campaign);
            let call = Call::new(Method::PUT, format!("/campaign/{id}")).body(&body);
            Ok(self.call::<CampaignAnswerBody>(&call).await?.into())
        }
        .boxed()
    }

    fn resubmit(&self, id: RegistryCampaignId) -> Answer<'_, CampaignRecord> {
        async move {
            let call = Call::new(Method::PUT, format!("/campaign/{id}/resubmit"));
            // A carrier may reject it anew before the answer is there, so what is seen then says nothing.
            let look: Look<'_, CampaignRecord> = &|| self.nobody_rejects(id).boxed();
            if let Some(done) = look().await? {
                return Ok(done);
            }
            match self.attempts(&call, Some(look), Repeat::UnlessUnsure).await? {
                (_, Some(done)) => Ok(done),
                (_, None) => self.campaign(id).await,
            }
        }
        .boxed()
    }

    fn deactivate(&self, id: RegistryCampaignId) -> Answer<'_, ()> {
        async move { self.done(&Call::new(Method::DELETE, format!("/campaign/{id}")), true).await }.boxed()
    }

    fn carriers(&self, id: RegistryCampaignId) -> Answer<'_, BTreeMap<Carrier, CarrierRecord>> {
        async move {
            let call = Call::get(format!("/campaign/{id}/operationStatus"));
            let body: BTreeMap<String, OperationBody> = self.call(&call).await?;
            Ok(campaign::carriers(body))
        }
        .boxed()
    }

    fn sharing(&self, id: RegistryCampaignId) -> Answer<'_, Option<SharingRecord>> {
        async move {
            let body: SharingBody = self.call(&Call::get(format!("/campaign/{id}/sharing"))).await?;
            Ok(body.shared_by_me.map(SharingRecord::from))
        }
        .boxed()
    }

    fn share<'a>(&'a self, id: RegistryCampaignId, partner: &'a PartnerId, again: bool) -> Answer<'a, ()> {
        async move {
            let call = Call::new(Method::PUT, format!("/campaign/{id}/sharing/{partner}"));
            // It may have been shared before this process began.
            let look: Look<'_, ()> = &|| self.is_shared(id, partner, again).boxed();
            if look().await?.is_none() {
                self.answered(&call, Some(look)).await?;
            }
            Ok(())
        }
        .boxed()
    }

    fn assign_number(&self, id: RegistryCampaignId, number: PhoneNumber) -> Answer<'_, ()> {
        async move {
            let body = NumberBody { phone_number: number.to_string() };
            let call = Call::new(Method::POST, format!("/campaign/{id}/phoneNumber")).body(&body);
            self.done(&call, false).await
        }
        .boxed()
    }

    fn remove_number(&self, id: RegistryCampaignId, number: PhoneNumber) -> Answer<'_, ()> {
        async move {
            // In the body, so that no log of addresses has it.
            let body = NumberBody { phone_number: number.to_string() };
            let call = Call::new(Method::POST, format!("/campaign/{id}/phoneNumber/remove")).body(&body);
            self.done(&call, false).await
        }
        .boxed()
    }

    fn numbers(&self, id: RegistryCampaignId, number: u32, records: u32) -> Answer<'_, Page<PhoneNumber>> {
        async move {
            let call = listed(&format!("/campaign/{id}/phoneNumber"), number, records);
            let body: PageBody<NumberBody> = self.call(&call).await?;
            let numbers = body.records.iter().map(|body| body.phone_number.parse().map_err(|_| Error::Unreadable));
            Ok(Page { records: numbers.collect::<Result<_, _>>()?, page: body.page, total: body.total_records })
        }
        .boxed()
    }

    fn subscribe<'a>(&'a self, category: &'a str, url: &'a str) -> Answer<'a, ()> {
        async move {
            let body = SubscriptionBody { event_category: category.to_owned(), webhook_endpoint: url.to_owned() };
            self.done(&Call::new(Method::PUT, "/webhook/subscription").body(&body), false).await
        }
        .boxed()
    }
}
