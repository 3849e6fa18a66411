//! A 10DLC campaign as it is kept.

use std::collections::BTreeMap;

use domain::{
    id::{BrandId, TenDlcCampaignId, UserId, WorkspaceId},
    tendlc::{
        CampaignPhase, Carrier, CarrierStatus, RegistryCampaignId, RegistryStatus, TenDlcCampaign, carrier,
        event::{CampaignAnswer, CampaignState},
        kinds::RejectionCategory,
        life::Registration,
    },
};
use serde::{Deserialize, Serialize};
use surrealdb::types::{SurrealValue, Value};

use crate::{
    db::tx::Columns,
    tendlc::{edits::Edits, kept::Kept},
};

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
    /// What somebody changes of a registered one, as it was typed, or what the registry refused of it; it counts for nothing
    /// before it is handed in.
    #[serde(default)]
    pub edit: Option<TenDlcCampaign>,
    #[serde(default)]
    pub edits: Edits,
    pub registration: Registration<RegistryCampaignId>,
    /// What the registry and the carriers say of it; None before it is registered.
    pub state: Option<CampaignState>,
    /// Why carriers rejected or suspended it.
    #[serde(with = "carrier::pairs")]
    pub rejections: BTreeMap<Carrier, Rejection>,
    /// What the registry has still to be told, in this order.
    pub todo: Vec<Todo>,
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
    Deactivate,
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

    /// Whether the registry has it, or may have it.
    #[must_use]
    pub fn is_live(&self) -> bool {
        !matches!(self.registration, Registration::Draft) && self.status() != Some(RegistryStatus::Expired)
    }

    #[must_use]
    pub fn is_unfinished(&self) -> bool {
        matches!(self.registration, Registration::Sent { .. }) || !self.todo.is_empty()
    }

    #[must_use]
    pub fn phase(&self) -> CampaignPhase {
        CampaignPhase::of(&self.registration, self.status(), &self.carriers())
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
        vec![
            ("own_id", self.id.to_string().into_value()),
            ("live", self.is_live().into_value()),
            ("live_brand", live_brand.into_value()),
            ("unfinished", self.is_unfinished().into_value()),
        ]
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

    fn made_at_ms(&self) -> i64 {
        self.created_at_ms
    }
}
