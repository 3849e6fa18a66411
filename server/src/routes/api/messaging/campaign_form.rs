//! A 10DLC campaign as programs hand it in, and as they read it.

use domain::{
    id::{BrandId, TenDlcCampaignId, WorkspaceId},
    tendlc::{Carrier, RegistryStatus, SharingState, TenDlcCampaign, UseCase, life::Registration},
};
use serde::{Deserialize, Serialize};
use store::tendlc::{TenDlc, campaigns::Todo};
use utoipa::ToSchema;

use crate::routes::api::{page::time, problem::Problem};

/// What is to be set of a 10DLC campaign; what is left out stays, or is as usual.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[schema(as = TenDlcCampaignChange)]
#[serde(deny_unknown_fields, default)]
pub struct Change {
    /// Of the same workspace, and verified. It stays.
    #[schema(value_type = Option<String>, format = Uuid)]
    pub brand_id: Option<BrandId>,
    /// One of `GET /use-cases`. It stays.
    #[schema(value_type = Option<String>)]
    use_case: Option<UseCase>,
    #[schema(value_type = Option<Vec<String>>)]
    sub_use_cases: Option<Vec<UseCase>>,
    description: Option<String>,
    /// How people agree to be written to.
    message_flow: Option<String>,
    sample_messages: Option<Vec<String>>,
    subscriber_opt_in: Option<bool>,
    /// Separated by commas.
    opt_in_keywords: Option<String>,
    opt_in_message: Option<String>,
    subscriber_opt_out: Option<bool>,
    opt_out_keywords: Option<String>,
    opt_out_message: Option<String>,
    subscriber_help: Option<bool>,
    help_keywords: Option<String>,
    help_message: Option<String>,
    /// Messages contain links.
    embedded_link: Option<bool>,
    embedded_link_sample: Option<String>,
    /// Messages contain phone numbers.
    embedded_phone: Option<bool>,
    /// More than 50 numbers.
    number_pool: Option<bool>,
    age_gated: Option<bool>,
    direct_lending: Option<bool>,
    privacy_policy_link: Option<String>,
    terms_and_conditions_link: Option<String>,
    /// That the registry's terms hold for it.
    terms_accepted: Option<bool>,
    /// Carriers by the ids of `GET /carriers`; none: all.
    #[schema(value_type = Option<Vec<u32>>)]
    mno_ids: Option<Vec<Carrier>>,
    auto_renewal: Option<bool>,
}

impl Change {
    /// Of a new one: for which brand, and what.
    pub fn new_form(self) -> Result<(BrandId, TenDlcCampaign), Problem> {
        let brand = self.brand_id.ok_or_else(|| Problem::parameter("brand_id", "Say for which brand it is."))?;
        let use_case = self.use_case.ok_or_else(|| {
            Problem::parameter("use_case", "Say what it is for: one of GET /api/v1/messaging/use-cases.")
        })?;
        let mut form = TenDlcCampaign::new(use_case);
        self.apply(&mut form);
        Ok((brand, form))
    }

    /// Over what is there.
    pub fn over(self, form: &TenDlcCampaign) -> TenDlcCampaign {
        let mut form = form.clone();
        self.apply(&mut form);
        form
    }

    fn apply(self, form: &mut TenDlcCampaign) {
        fn set<T>(field: &mut T, given: Option<T>) {
            if let Some(given) = given {
                *field = given;
            }
        }
        set(&mut form.use_case, self.use_case);
        set(&mut form.sub_use_cases, self.sub_use_cases);
        set(&mut form.description, self.description);
        set(&mut form.message_flow, self.message_flow);
        set(&mut form.samples, self.sample_messages);
        set(&mut form.opt_in.offered, self.subscriber_opt_in);
        set(&mut form.opt_in.keywords, self.opt_in_keywords);
        set(&mut form.opt_in.message, self.opt_in_message);
        set(&mut form.opt_out.offered, self.subscriber_opt_out);
        set(&mut form.opt_out.keywords, self.opt_out_keywords);
        set(&mut form.opt_out.message, self.opt_out_message);
        set(&mut form.help.offered, self.subscriber_help);
        set(&mut form.help.keywords, self.help_keywords);
        set(&mut form.help.message, self.help_message);
        set(&mut form.embedded_link, self.embedded_link);
        set(&mut form.embedded_link_sample, self.embedded_link_sample);
        set(&mut form.embedded_phone, self.embedded_phone);
        set(&mut form.number_pool, self.number_pool);
        set(&mut form.age_gated, self.age_gated);
        set(&mut form.direct_lending, self.direct_lending);
        set(&mut form.privacy_policy_link, self.privacy_policy_link);
        set(&mut form.terms_and_conditions_link, self.terms_and_conditions_link);
        set(&mut form.terms_accepted, self.terms_accepted);
        set(&mut form.carriers, self.mno_ids.map(|ids| ids.into_iter().collect()));
        set(&mut form.auto_renewal, self.auto_renewal);
    }
}

/// A 10DLC campaign.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TenDlcCampaign)]
pub struct View {
    #[schema(value_type = String, format = Uuid)]
    id: TenDlcCampaignId,
    /// The workspace.
    #[schema(value_type = String, format = Uuid)]
    customer_id: WorkspaceId,
    #[schema(value_type = String, format = Uuid)]
    brand_id: BrandId,
    /// The registry's id; null before it is registered.
    tcr_campaign_id: Option<String>,
    /// `PENDING`: on its way to the registry; `DRAFT`: not handed in yet, or refused, see `refusal`; `ACTIVE`; `EXPIRED`, which is final.
    #[schema(value_type = String)]
    status: &'static str,
    /// What the partner upstream says: `PENDING`, `ACCEPTED` or `DECLINED`; null: it was never shared.
    #[schema(value_type = Option<String>)]
    sharing_status: Option<SharingState>,
    /// With whom it is shared, or is to be; null: this installation shares it with nobody.
    sharing: Option<SharingView>,
    carriers: Vec<MnoStatus>,
    #[schema(value_type = String)]
    use_case: UseCase,
    #[schema(value_type = Vec<String>)]
    sub_use_cases: Vec<UseCase>,
    description: String,
    message_flow: String,
    sample_messages: Vec<String>,
    subscriber_opt_in: bool,
    opt_in_keywords: String,
    opt_in_message: String,
    subscriber_opt_out: bool,
    opt_out_keywords: String,
    opt_out_message: String,
    subscriber_help: bool,
    help_keywords: String,
    help_message: String,
    embedded_link: bool,
    embedded_link_sample: String,
    embedded_phone: bool,
    number_pool: bool,
    age_gated: bool,
    direct_lending: bool,
    privacy_policy_link: String,
    terms_and_conditions_link: String,
    terms_accepted: bool,
    #[schema(value_type = Vec<u32>)]
    mno_ids: Vec<Carrier>,
    auto_renewal: bool,
    /// Why the registry refused what it was told last.
    refusal: Option<String>,
    /// What the registry has still to be told.
    waiting: Vec<String>,
    created_by: String,
    created_at: String,
    /// When the registry was asked last.
    synced_at: Option<String>,
}

/// The partner upstream.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TenDlcSharing)]
pub struct SharingView {
    partner_id: String,
    /// Why the registry did not share it.
    refusal: Option<String>,
    /// The partner's words on why they declined it.
    reason: Option<String>,
}

/// What a carrier thinks of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct MnoStatus {
    #[schema(value_type = u32)]
    mno_id: Carrier,
    name: String,
    /// `REGISTERED`, `REVIEW`, `REJECTED` or `SUSPENDED`.
    #[schema(value_type = String)]
    status: domain::tendlc::CarrierStatus,
    /// Of a rejection or suspension.
    category: Option<String>,
    /// The carrier's words.
    reason: Option<String>,
    /// The way to repair it.
    remedy: Option<String>,
}

fn status(campaign: &TenDlc) -> &'static str {
    match (&campaign.registration, campaign.status()) {
        (_, Some(RegistryStatus::Expired)) => "EXPIRED",
        (Registration::Draft, _) => "DRAFT",
        (Registration::Sent { .. }, _) => "PENDING",
        (Registration::Registered { .. }, _) => "ACTIVE",
    }
}

const fn waiting(todo: Todo) -> &'static str {
    match todo {
        Todo::Change => "change",
        Todo::Resubmit => "resubmit",
        Todo::Share => "share",
        Todo::Deactivate => "deactivate",
    }
}

/// Carrier by carrier.
pub fn mno_status(campaign: &TenDlc) -> Vec<MnoStatus> {
    let of = |(mno_id, status): (Carrier, _)| {
        let rejection = campaign.rejections.get(&mno_id);
        MnoStatus {
            mno_id,
            name: mno_id.name().to_owned(),
            status,
            category: rejection.map(|rejection| rejection.category.word().to_owned()),
            reason: rejection.map(|rejection| rejection.reason.clone()),
            remedy: rejection.map(|rejection| rejection.category.remedy().to_owned()),
        }
    };
    campaign.carriers().into_iter().map(of).collect()
}

impl From<TenDlc> for View {
    fn from(campaign: TenDlc) -> Self {
        let (status, carriers, sharing_status) = (status(&campaign), mno_status(&campaign), campaign.sharing());
        let registry_id = campaign.registration.id();
        let form = campaign.form;
        Self {
            id: campaign.id,
            customer_id: campaign.workspace,
            brand_id: campaign.brand,
            tcr_campaign_id: registry_id.map(|id| id.to_string()),
            status,
            sharing_status,
            sharing: campaign.upstream.map(|upstream| SharingView {
                partner_id: upstream.partner.into(),
                refusal: upstream.refusal,
                reason: upstream.reason,
            }),
            carriers,
            use_case: form.use_case,
            sub_use_cases: form.sub_use_cases,
            description: form.description,
            message_flow: form.message_flow,
            sample_messages: form.samples,
            subscriber_opt_in: form.opt_in.offered,
            opt_in_keywords: form.opt_in.keywords,
            opt_in_message: form.opt_in.message,
            subscriber_opt_out: form.opt_out.offered,
            opt_out_keywords: form.opt_out.keywords,
            opt_out_message: form.opt_out.message,
            subscriber_help: form.help.offered,
            help_keywords: form.help.keywords,
            help_message: form.help.message,
            embedded_link: form.embedded_link,
            embedded_link_sample: form.embedded_link_sample,
            embedded_phone: form.embedded_phone,
            number_pool: form.number_pool,
            age_gated: form.age_gated,
            direct_lending: form.direct_lending,
            privacy_policy_link: form.privacy_policy_link,
            terms_and_conditions_link: form.terms_and_conditions_link,
            terms_accepted: form.terms_accepted,
            mno_ids: form.carriers.into_iter().collect(),
            auto_renewal: form.auto_renewal,
            refusal: campaign.refusal,
            waiting: campaign.todo.iter().map(|todo| waiting(*todo).to_owned()).collect(),
            created_by: campaign.created_by_name,
            created_at: time(campaign.created_at_ms),
            synced_at: campaign.synced_at_ms.map(time),
        }
    }
}
