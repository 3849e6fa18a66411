//! A 10DLC campaign as it is kept.

use std::collections::BTreeMap;

use domain::{
    id::{BrandId, TenDlcCampaignId, UserId, WorkspaceId},
    tendlc::{
        CampaignPhase, Carrier, CarrierStatus, PartnerId, RegistryCampaignId, RegistryStatus, SharingState,
        TenDlcCampaign, carrier,
        clearance::Sharing,
        event::{CampaignAnswer, CampaignState},
        kinds::RejectionCategory,
        life::Registration,
    },
};
use serde::{Deserialize, Serialize};
use surrealdb::types::{SurrealValue, Value};

use crate::{
    db::tx::Columns,
    tendlc::{
        attention,
        brands::Brand,
        edits::Edits,
        kept::{Kept, record},
        listing::folded,
    },
};

/// By so much of its description one is found.
const FOUND_CHARACTERS: usize = 200;

/// A 10DLC campaign of a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenDlc {
    pub id: TenDlcCampaignId,
    pub workspace: WorkspaceId,
    pub brand: BrandId,
    /// Of one that the registry does not have, as it was typed; else as the registry has it, or is told next.
    pub form: TenDlcCampaign,
    /// What the registry has while it is told of another form.
    #[serde(default)]
    pub at_registry: Option<TenDlcCampaign>,
    /// The form of which the registry is being told, or was told without an answer: it has that, or it has what it had.
    #[serde(default)]
    pub telling: Option<TenDlcCampaign>,
    /// What somebody changes of a registered one, as it was typed, or what the registry refused of it; it counts for nothing
    /// before it is handed in.
    #[serde(default)]
    pub edit: Option<TenDlcCampaign>,
    #[serde(default)]
    pub edits: Edits,
    pub registration: Registration<RegistryCampaignId>,
    /// What the registry and the carriers say of it; None before it is registered.
    pub state: Option<CampaignState>,
    /// The partner upstream with whom it is shared, or is to be; None: with nobody.
    #[serde(default)]
    pub upstream: Option<Upstream>,
    /// Why carriers rejected or suspended it.
    #[serde(with = "carrier::pairs")]
    pub rejections: BTreeMap<Carrier, Rejection>,
    /// What the registry has still to be told, in this order.
    pub todo: Vec<Todo>,
    /// It was told to have the carriers look again, and nobody knows whether it heard that.
    #[serde(default)]
    pub resubmission_unsure: bool,
    /// Why the registry refused what it was told last.
    pub refusal: Option<String>,
    pub created_by: UserId,
    pub created_by_name: String,
    pub created_at_ms: i64,
    pub synced_at_ms: Option<i64>,
    /// The compare-and-set value.
    pub revision: u64,
}

/// Something that the registry has to be told of a 10DLC campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Todo {
    /// The form is another.
    Change,
    /// The carriers that rejected it shall look again.
    Resubmit,
    /// To share it with the partner upstream.
    Share,
    Deactivate,
}

/// The partner upstream of a 10DLC campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upstream {
    pub partner: PartnerId,
    /// It is shared once more, after the partner had declined it.
    #[serde(default)]
    pub again: bool,
    /// Why the registry did not share it.
    pub refusal: Option<String>,
    /// The partner's words on why they declined it.
    pub reason: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    pub category: RejectionCategory,
    /// The carrier's words.
    pub reason: String,
}

/// What the registry answered.
#[derive(Debug, Clone)]
pub struct Learned {
    pub answer: CampaignAnswer,
    pub rejections: BTreeMap<Carrier, Rejection>,
    /// The partner's words, mostly on why they declined it.
    pub sharing_reason: Option<String>,
    /// When it was asked, before the question went out.
    pub asked_at_ms: i64,
}

impl TenDlc {
    /// What would be handed in.
    #[must_use]
    pub fn typed(&self) -> &TenDlcCampaign {
        self.edit.as_ref().unwrap_or(&self.form)
    }

    /// None: not registered yet.
    #[must_use]
    pub fn status(&self) -> Option<RegistryStatus> {
        self.state.as_ref().map(|state| state.status.value)
    }

    #[must_use]
    pub fn carriers(&self) -> BTreeMap<Carrier, CarrierStatus> {
        self.state.as_ref().map(CampaignState::carrier_statuses).unwrap_or_default()
    }

    /// What the partner upstream says to it; None: it was never shared, as far as is known.
    #[must_use]
    pub fn sharing(&self) -> Option<SharingState> {
        self.state.as_ref()?.sharing.map(|known| known.value)
    }

    /// Whether messages may go to the partner upstream.
    #[must_use]
    pub fn shared(&self) -> Sharing {
        match (&self.upstream, self.sharing()) {
            (None, _) => Sharing::NotNeeded,
            (Some(_), Some(SharingState::Accepted)) => Sharing::Accepted,
            (Some(_), Some(SharingState::Declined)) if !self.todo.contains(&Todo::Share) => Sharing::Declined,
            (Some(_), _) => Sharing::Waiting,
        }
    }

    /// Whether somebody can have it shared once more: the partner declined it, or the registry refused to share it.
    #[must_use]
    pub fn can_be_shared_again(&self) -> bool {
        let refused = self.upstream.as_ref().is_some_and(|upstream| upstream.refusal.is_some());
        !self.todo.contains(&Todo::Share) && (refused || self.shared() == Sharing::Declined)
    }

    /// Whether the registry has it, or may have it.
    #[must_use]
    pub fn is_live(&self) -> bool {
        !matches!(self.registration, Registration::Draft) && self.status() != Some(RegistryStatus::Expired)
    }

    #[must_use]
    pub fn is_unfinished(&self) -> bool {
        matches!(self.registration, Registration::Sent { .. }) || !self.todo.is_empty()
    }

    /// Without what its brand does to it ([`CampaignPhase::under`]).
    #[must_use]
    pub fn phase(&self) -> CampaignPhase {
        CampaignPhase::of(&self.registration, self.status(), &self.carriers(), self.shared())
    }

    pub(super) fn with(&self, todo: Todo) -> Self {
        let mut after = self.clone();
        if !after.todo.contains(&todo) {
            after.todo.push(todo);
        }
        after.refusal = None;
        after
    }
}

impl Columns for TenDlc {
    fn columns(&self) -> Vec<(&'static str, Value)> {
        let live_brand = if self.is_live() { self.brand.to_string() } else { String::new() };
        let registry_id = self.registration.id().map(|id| id.to_string()).unwrap_or_default();
        let about: String = self.form.description.chars().take(FOUND_CHARACTERS).collect();
        let mut columns = vec![
            ("own_id", self.id.to_string().into_value()),
            ("live", self.is_live().into_value()),
            ("live_brand", live_brand.into_value()),
            ("unfinished", self.is_unfinished().into_value()),
            ("workspace", self.workspace.to_string().into_value()),
            ("made_at_ms", self.created_at_ms.into_value()),
            ("phase", self.phase().word().to_owned().into_value()),
            ("brand", record::<Brand>(self.workspace, self.brand).into_value()),
            ("search", folded(&[&about, self.form.use_case.label(), &registry_id]).into_value()),
        ];
        columns.extend(attention::columns(self.urgency(), self.urgent_until_ms()));
        columns
    }
}

impl Kept for TenDlc {
    const TABLE: &'static str = "tendlc_campaign";
    type Id = TenDlcCampaignId;

    fn id(&self) -> TenDlcCampaignId {
        self.id
    }

    fn workspace(&self) -> WorkspaceId {
        self.workspace
    }

    fn revision(&self) -> u64 {
        self.revision
    }

    fn set_revision(&mut self, revision: u64) {
        self.revision = revision;
    }
}
