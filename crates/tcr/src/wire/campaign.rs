//! 10DLC campaigns on the wire.

use std::collections::BTreeMap;

use domain::tendlc::{
    Carrier, CarrierStatus, PartnerId, RegistryBrandId, RegistryCampaignId, RegistryStatus, SharingState,
    TenDlcCampaign, UseCase, campaign::Answer, ids::ResellerId, kinds::RejectionCategory, use_case::CarrierDemand,
};
use serde::{Deserialize, Serialize};

use crate::registry::{CampaignRecord, CarrierRecord, Qualification, Rejection, SharingRecord};

/// The partner's words are cut here.
const REASON_CHARACTERS_MAX: usize = 1_000;

/// What is sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct CampaignBody {
    pub brand_id: Option<RegistryBrandId>,
    pub reference_id: String,
    pub reseller_id: Option<ResellerId>,
    pub usecase: Option<UseCase>,
    pub sub_usecases: Vec<UseCase>,
    pub description: String,
    pub message_flow: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sample1: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sample2: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sample3: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sample4: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sample5: String,
    pub subscriber_optin: bool,
    pub optin_keywords: String,
    pub optin_message: String,
    pub subscriber_optout: bool,
    pub optout_keywords: String,
    pub optout_message: String,
    pub subscriber_help: bool,
    pub help_keywords: String,
    pub help_message: String,
    pub embedded_link: bool,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub embedded_link_sample: String,
    pub embedded_phone: bool,
    pub number_pool: bool,
    pub age_gated: bool,
    pub direct_lending: bool,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub privacy_policy_link: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub terms_and_conditions_link: String,
    pub terms_and_conditions: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mno_ids: Vec<u32>,
    pub auto_renewal: bool,
}

impl CampaignBody {
    pub fn new(reference: &str, brand: Option<RegistryBrandId>, campaign: &TenDlcCampaign) -> Self {
        let sample = |at: usize| campaign.samples.get(at).cloned().unwrap_or_default();
        Self {
            brand_id: brand,
            reference_id: reference.to_owned(),
            reseller_id: Some(ResellerId::NONE),
            usecase: Some(campaign.use_case),
            sub_usecases: campaign.sub_use_cases.clone(),
            description: campaign.description.clone(),
            message_flow: campaign.message_flow.clone(),
            sample1: sample(0),
            sample2: sample(1),
            sample3: sample(2),
            sample4: sample(3),
            sample5: sample(4),
            subscriber_optin: campaign.opt_in.offered,
            optin_keywords: campaign.opt_in.keywords.clone(),
            optin_message: campaign.opt_in.message.clone(),
            subscriber_optout: campaign.opt_out.offered,
            optout_keywords: campaign.opt_out.keywords.clone(),
            optout_message: campaign.opt_out.message.clone(),
            subscriber_help: campaign.help.offered,
            help_keywords: campaign.help.keywords.clone(),
            help_message: campaign.help.message.clone(),
            embedded_link: campaign.embedded_link,
            embedded_link_sample: campaign.embedded_link_sample.clone(),
            embedded_phone: campaign.embedded_phone,
            number_pool: campaign.number_pool,
            age_gated: campaign.age_gated,
            direct_lending: campaign.direct_lending,
            privacy_policy_link: campaign.privacy_policy_link.clone(),
            terms_and_conditions_link: campaign.terms_and_conditions_link.clone(),
            terms_and_conditions: campaign.terms_accepted,
            mno_ids: campaign.carriers.iter().map(|carrier| carrier.id()).collect(),
            auto_renewal: campaign.auto_renewal,
        }
    }

    /// For the rules.
    pub fn campaign(&self) -> TenDlcCampaign {
        let body = self.clone();
        TenDlcCampaign {
            use_case: body.usecase.unwrap_or(UseCase::Mixed),
            sub_use_cases: body.sub_usecases,
            description: body.description,
            message_flow: body.message_flow,
            samples: [body.sample1, body.sample2, body.sample3, body.sample4, body.sample5]
                .into_iter()
                .filter(|sample| !sample.is_empty())
                .collect(),
            opt_in: Answer {
                offered: body.subscriber_optin,
                keywords: body.optin_keywords,
                message: body.optin_message,
            },
            opt_out: Answer {
                offered: body.subscriber_optout,
                keywords: body.optout_keywords,
                message: body.optout_message,
            },
            help: Answer { offered: body.subscriber_help, keywords: body.help_keywords, message: body.help_message },
            embedded_link: body.embedded_link,
            embedded_link_sample: body.embedded_link_sample,
            embedded_phone: body.embedded_phone,
            number_pool: body.number_pool,
            age_gated: body.age_gated,
            direct_lending: body.direct_lending,
            privacy_policy_link: body.privacy_policy_link,
            terms_and_conditions_link: body.terms_and_conditions_link,
            terms_accepted: body.terms_and_conditions,
            carriers: body.mno_ids.into_iter().filter_map(Carrier::from_id).collect(),
            auto_renewal: body.auto_renewal,
        }
    }
}

/// What comes back.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CampaignAnswerBody {
    pub campaign_id: RegistryCampaignId,
    pub brand_id: RegistryBrandId,
    #[serde(default)]
    pub reference_id: Option<String>,
    pub usecase: String,
    /// None means active.
    #[serde(default)]
    pub status: Option<RegistryStatus>,
    #[serde(default)]
    pub mock: bool,
}

impl From<CampaignAnswerBody> for CampaignRecord {
    fn from(body: CampaignAnswerBody) -> Self {
        Self {
            id: body.campaign_id,
            brand: body.brand_id,
            reference: body.reference_id.filter(|reference| !reference.is_empty()),
            use_case: UseCase::from_word(&body.usecase),
            status: body.status.unwrap_or(RegistryStatus::Active),
            mock: body.mock,
        }
    }
}

/// By carrier id. A carrier's entry is its status alone, or an object with the reason beside it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum OperationBody {
    Status(String),
    #[serde(rename_all = "camelCase")]
    Full {
        status: String,
        #[serde(default)]
        rejection_category: Option<String>,
        #[serde(default)]
        reason: Option<String>,
    },
}

/// Carriers and statuses that we do not know are left out.
pub(crate) fn carriers(body: BTreeMap<String, OperationBody>) -> BTreeMap<Carrier, CarrierRecord> {
    body.into_iter()
        .filter_map(|(id, operation)| {
            let carrier = Carrier::from_id(id.parse().ok()?)?;
            let (status, category, reason) = match operation {
                OperationBody::Status(status) => (status, None, None),
                OperationBody::Full { status, rejection_category, reason } => (status, rejection_category, reason),
            };
            let status = CarrierStatus::from_word(&status)?;
            let rejection = (category.is_some() || reason.is_some()).then(|| Rejection {
                category: category
                    .and_then(|word| RejectionCategory::from_word(&word))
                    .unwrap_or(RejectionCategory::Other),
                reason: reason.unwrap_or_default(),
            });
            Some((carrier, CarrierRecord { status, rejection }))
        })
        .collect()
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct QualificationBody {
    pub usecase: UseCase,
    #[serde(default)]
    pub mno_metadata: BTreeMap<String, DemandBody>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct DemandBody {
    pub qualify: bool,
    pub mno_review: bool,
    pub min_msg_samples: usize,
    pub req_subscriber_optin: bool,
    pub req_subscriber_optout: bool,
    pub req_subscriber_help: bool,
    pub no_embedded_link: bool,
    pub no_embedded_phone: bool,
}

impl From<QualificationBody> for Qualification {
    fn from(body: QualificationBody) -> Self {
        let demands = body.mno_metadata.into_iter().filter_map(|(id, demand)| {
            Some(CarrierDemand {
                carrier: Carrier::from_id(id.parse().ok()?)?,
                qualifies: demand.qualify,
                reviews: demand.mno_review,
                samples_min: demand.min_msg_samples,
                opt_in: demand.req_subscriber_optin,
                opt_out: demand.req_subscriber_optout,
                help: demand.req_subscriber_help,
                no_links: demand.no_embedded_link,
                no_phones: demand.no_embedded_phone,
            })
        });
        Self { use_case: body.usecase, demands: demands.collect() }
    }
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct SharingBody {
    pub shared_by_me: Option<SharedBody>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SharedBody {
    #[serde(default)]
    pub upstream_cnp_id: String,
    pub sharing_status: SharingState,
    /// The partner's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explanation: Option<String>,
}

impl From<SharedBody> for SharingRecord {
    fn from(body: SharedBody) -> Self {
        let reason = body.explanation.map(|text| text.trim().chars().take(REASON_CHARACTERS_MAX).collect::<String>());
        Self {
            partner: PartnerId::parse(&body.upstream_cnp_id).ok(),
            state: body.sharing_status,
            reason: reason.filter(|reason| !reason.is_empty()),
        }
    }
}
