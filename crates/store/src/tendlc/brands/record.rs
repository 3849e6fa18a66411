//! A brand as it is kept.

use domain::{
    id::{BrandId, UserId, WorkspaceId},
    tendlc::{
        BrandDetails, BrandPhase, BrandStatus, IdentityStatus, RegistryBrandId, VettingStatus,
        event::{BrandAnswer, BrandState},
        kinds::VettingProvider,
        life::{BrandStanding, Registration},
    },
};
use serde::{Deserialize, Serialize};
use surrealdb::types::{SurrealValue, Value};

use crate::{
    db::tx::Columns,
    tendlc::{attention, edits::Edits, kept::Kept, listing::folded},
};

/// A brand of a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Brand {
    pub id: BrandId,
    pub workspace: WorkspaceId,
    /// As the registry has them, or is told next.
    pub details: BrandDetails,
    /// What the registry has while it is told of other details.
    #[serde(default)]
    pub at_registry: Option<BrandDetails>,
    /// The details of which the registry is being told, or was told without an answer: it has them, or it has what it had.
    #[serde(default)]
    pub telling: Option<BrandDetails>,
    /// Other details that the registry refused, to be corrected.
    #[serde(default)]
    pub edit: Option<BrandDetails>,
    #[serde(default)]
    pub edits: Edits,
    pub registration: Registration<RegistryBrandId>,
    /// What the registry says of it; None before it is registered.
    pub state: Option<BrandState>,
    /// The business contact confirmed by mail, or the sole proprietor by the one-time code.
    pub confirmed: bool,
    pub vettings: Vec<Vetting>,
    /// Why it is not verified.
    pub feedback: Vec<Feedback>,
    /// What the registry has still to be told, in this order.
    pub todo: Vec<Todo>,
    /// Why the registry refused what it was told last.
    pub refusal: Option<String>,
    pub created_by: UserId,
    pub created_by_name: String,
    pub created_at_ms: i64,
    /// When the registry was asked last.
    pub synced_at_ms: Option<i64>,
    /// The compare-and-set value.
    pub revision: u64,
}

/// Something that the registry has to be told of a brand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Todo {
    /// The details are others.
    Change,
    /// To compare the details again.
    VerifyAgain,
    /// To send the mail or the one-time code again.
    Confirmation,
    Vetting {
        provider: VettingProvider,
        class: String,
        /// The vettings that it had before it was told of this one: what has come since then is this one, though the answer
        /// was lost. None: it was not told yet.
        #[serde(default)]
        before: Option<Vec<String>>,
        /// Since when nobody knows whether the registry has taken the order: it is looked for, and not ordered again.
        #[serde(default)]
        unsure_since_ms: Option<i64>,
    },
    Delete,
}

/// A vetting as the registry has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vetting {
    pub id: String,
    pub provider: VettingProvider,
    pub class: String,
    pub status: VettingStatus,
    /// 0 to 100.
    pub score: Option<u8>,
}

/// The registry's words on why a brand is not verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feedback {
    pub category: String,
    pub description: String,
    pub fields: Vec<String>,
}

/// What the registry answered.
#[derive(Debug, Clone)]
pub struct Learned {
    /// None: it has no such brand any more.
    pub answer: Option<BrandAnswer>,
    pub confirmed: bool,
    pub vettings: Vec<Vetting>,
    pub feedback: Vec<Feedback>,
    /// When it was asked, before the question went out.
    pub asked_at_ms: i64,
}

impl Todo {
    /// Whether both are one order of the same vetting.
    fn orders_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Vetting { provider, class, .. }, Self::Vetting { provider: of, class: same, .. }) => {
                provider == of && class == same
            }
            _ => false,
        }
    }

    /// The same thing to be told.
    pub(super) fn is(&self, other: &Self) -> bool {
        self == other || self.orders_as(other)
    }
}

impl Brand {
    /// What its form shows: what was refused, else what is.
    #[must_use]
    pub fn typed(&self) -> &BrandDetails {
        self.edit.as_ref().unwrap_or(&self.details)
    }

    #[must_use]
    pub fn status(&self) -> BrandStatus {
        self.state.map_or(BrandStatus::Active, |state| state.status.value)
    }

    #[must_use]
    pub fn identity(&self) -> IdentityStatus {
        self.state.map_or_else(|| self.details.entity_type.first_identity(), |state| state.identity.value)
    }

    /// The best score of a vetting that is in force.
    #[must_use]
    pub fn score(&self) -> Option<u8> {
        let in_force = self.vettings.iter().filter(|vetting| vetting.status == VettingStatus::Active);
        in_force.filter_map(|vetting| vetting.score).max()
    }

    /// Whether the registry has it, or may have it: then it has to be deleted there before it goes here.
    #[must_use]
    pub fn is_live(&self) -> bool {
        !matches!(self.registration, Registration::Draft) && self.status() == BrandStatus::Active
    }

    #[must_use]
    pub fn is_unfinished(&self) -> bool {
        matches!(self.registration, Registration::Sent { .. }) || !self.todo.is_empty()
    }

    /// For the question whether it may have another 10DLC campaign.
    #[must_use]
    pub fn standing(&self, active_campaigns: usize) -> BrandStanding {
        BrandStanding {
            entity_type: self.details.entity_type,
            registered: self.registration.id().is_some(),
            status: self.status(),
            identity: self.identity(),
            confirmed: self.confirmed,
            active_campaigns,
        }
    }

    #[must_use]
    pub fn phase(&self) -> BrandPhase {
        BrandPhase::of(&self.registration, &self.standing(0))
    }

    pub(super) fn with(&self, todo: Todo) -> Self {
        let mut after = self.clone();
        if !after.todo.iter().any(|waiting| waiting.is(&todo)) {
            after.todo.push(todo);
        }
        after.refusal = None;
        after
    }
}

impl Columns for Brand {
    fn columns(&self) -> Vec<(&'static str, Value)> {
        let registry_id = self.registration.id().map(|id| id.to_string()).unwrap_or_default();
        let mut columns = vec![
            ("own_id", self.id.to_string().into_value()),
            ("live", self.is_live().into_value()),
            ("unfinished", self.is_unfinished().into_value()),
            ("workspace", self.workspace.to_string().into_value()),
            ("made_at_ms", self.created_at_ms.into_value()),
            ("phase", self.phase().word().to_owned().into_value()),
            ("search", folded(&[&self.details.display_name, &registry_id]).into_value()),
        ];
        columns.extend(attention::columns(self.urgency(), i64::MAX));
        columns
    }
}

impl Kept for Brand {
    const TABLE: &'static str = "tendlc_brand";
    type Id = BrandId;

    fn id(&self) -> BrandId {
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
