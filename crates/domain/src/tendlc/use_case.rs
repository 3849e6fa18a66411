//! Use cases: what 10DLC campaigns may be for, and what each of them asks for.

mod about;

use serde::{Deserialize, Serialize};

use super::{
    carrier::Carrier,
    kinds::{EntityType, IdentityStatus},
    limits::Limits,
    word::words,
};

words! {
    UseCase {
        TwoFactor = "2FA", "Two-factor authentication";
        AccountNotification = "ACCOUNT_NOTIFICATION", "Account notification";
        CustomerCare = "CUSTOMER_CARE", "Customer care";
        DeliveryNotification = "DELIVERY_NOTIFICATION", "Delivery notification";
        FraudAlert = "FRAUD_ALERT", "Fraud alert";
        HigherEducation = "HIGHER_EDUCATION", "Higher education";
        LowVolume = "LOW_VOLUME", "Low volume mixed";
        M2m = "M2M", "Machine to machine";
        Marketing = "MARKETING", "Marketing";
        Mixed = "MIXED", "Mixed";
        PollingVoting = "POLLING_VOTING", "Polling and voting";
        PublicServiceAnnouncement = "PUBLIC_SERVICE_ANNOUNCEMENT", "Public service announcement";
        SecurityAlert = "SECURITY_ALERT", "Security alert";
        AgentsFranchises = "AGENTS_FRANCHISES", "Agents and franchises";
        CarrierExempt = "CARRIER_EXEMPT", "Carrier exemption";
        Charity = "CHARITY", "Charity";
        Emergency = "EMERGENCY", "Emergency";
        K12Education = "K12_EDUCATION", "K-12 education";
        Political = "POLITICAL", "Political";
        Proxy = "PROXY", "Proxy: app users write to each other";
        Social = "SOCIAL", "Social";
        Sweepstake = "SWEEPSTAKE", "Sweepstake";
        SoleProprietor = "SOLE_PROPRIETOR", "Sole proprietor";
        Trial = "TRIAL", "Free trial of a platform";
        UcaasHigh = "UCAAS_HIGH", "Business phones, high volume";
        UcaasLow = "UCAAS_LOW", "Business phones, low volume";
    }
}

/// Whether carriers look at it before anything is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    Standard,
    /// Carriers review it, or the brand needs something more.
    Special,
}

/// What a use case asks for. The registry's own word on a brand ([`CarrierDemand`]) narrows it further.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requirements {
    pub use_case: UseCase,
    pub class: Class,
    pub sub_use_cases_min: usize,
    pub sub_use_cases_max: usize,
    pub samples_min: usize,
    /// Whether people have to agree first, and how that happens be described.
    pub opt_in: bool,
    pub opt_out: bool,
    pub help: bool,
    /// A carrier takes none with links, or with phone numbers.
    pub no_links: bool,
    pub no_phones: bool,
}

/// What one carrier asks of a brand for a use case (the registry's `mnoMetadata`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarrierDemand {
    pub carrier: Carrier,
    /// Whether the brand may have the use case with this carrier.
    pub qualifies: bool,
    pub reviews: bool,
    pub samples_min: usize,
    pub opt_in: bool,
    pub opt_out: bool,
    pub help: bool,
    pub no_links: bool,
    pub no_phones: bool,
}

/// Sub use cases of MIXED, at least and at most.
const MIXED: (usize, usize) = (2, 5);
const OPTIONAL: (usize, usize) = (0, 5);

impl UseCase {
    #[must_use]
    pub const fn class(self) -> Class {
        match self {
            Self::TwoFactor
            | Self::AccountNotification
            | Self::CustomerCare
            | Self::DeliveryNotification
            | Self::FraudAlert
            | Self::HigherEducation
            | Self::LowVolume
            | Self::M2m
            | Self::Marketing
            | Self::Mixed
            | Self::PollingVoting
            | Self::PublicServiceAnnouncement
            | Self::SecurityAlert => Class::Standard,
            _ => Class::Special,
        }
    }

    /// Whether it can be part of a mixed one: a standard one that is no mixture itself.
    #[must_use]
    pub const fn can_be_sub_use_case(self) -> bool {
        matches!(self.class(), Class::Standard) && !matches!(self, Self::Mixed | Self::LowVolume)
    }

    /// Machines among themselves need nobody's consent, and warnings of danger do not wait for it.
    const fn consent(self) -> (bool, bool, bool) {
        match self {
            Self::M2m => (false, false, false),
            Self::Emergency => (false, true, true),
            _ => (true, true, true),
        }
    }

    /// Whether throughput is that of low volume, whatever the score.
    #[must_use]
    pub const fn is_low_volume(self) -> bool {
        matches!(self, Self::LowVolume | Self::UcaasLow | Self::SoleProprietor | Self::Trial)
    }

    /// The table, at a connector.
    #[must_use]
    pub fn requirements(self, limits: &Limits) -> Requirements {
        let (sub_use_cases_min, sub_use_cases_max) = match self {
            Self::Mixed => MIXED,
            Self::LowVolume | Self::UcaasHigh | Self::UcaasLow | Self::AgentsFranchises | Self::SoleProprietor => {
                OPTIONAL
            }
            _ => (0, 0),
        };
        // A mixture, and what carriers look at first, is shown by more than one message.
        let samples_min = if matches!(self, Self::Mixed | Self::Marketing | Self::Sweepstake) { 2 } else { 1 };
        let (opt_in, opt_out, help) = self.consent();
        Requirements {
            use_case: self,
            class: self.class(),
            sub_use_cases_min,
            sub_use_cases_max,
            samples_min: samples_min.max(*limits.samples.start()),
            opt_in,
            opt_out,
            help,
            no_links: false,
            no_phones: false,
        }
    }

    /// Why a brand cannot have it; None: it can, as far as is known before the registry is asked.
    #[must_use]
    pub const fn closed_to(self, entity: EntityType, identity: IdentityStatus) -> Option<&'static str> {
        let sole = matches!(entity, EntityType::SoleProprietor);
        match self {
            Self::SoleProprietor if !sole => Some("it is for sole proprietors; choose LOW_VOLUME or MIXED"),
            Self::SoleProprietor => None,
            _ if sole => Some("a sole proprietor has the use case SOLE_PROPRIETOR only"),
            Self::Charity if !matches!(entity, EntityType::NonProfit) => {
                Some("it is for non-profit organisations with the tax status 501(c)(3)")
            }
            Self::Political if !matches!(identity, IdentityStatus::VettedVerified) => Some(
                "it needs a vetting, by Campaign Verify for candidates and committees; order it on the brand's page",
            ),
            Self::Emergency if !matches!(entity, EntityType::Government | EntityType::NonProfit) => {
                Some("it is for government and for organisations that help in emergencies")
            }
            Self::Trial => Some("the registry gives it to a brand of the provider's own; ask its support"),
            Self::CarrierExempt => Some("carriers grant it one by one; ask them first"),
            _ => None,
        }
    }
}

impl Requirements {
    /// The strictest of these and what the carriers demand; carriers that do not take the brand at all demand nothing.
    #[must_use]
    pub fn narrowed(mut self, demands: &[CarrierDemand]) -> Self {
        for demand in demands.iter().filter(|demand| demand.qualifies) {
            self.samples_min = self.samples_min.max(demand.samples_min);
            self.opt_in |= demand.opt_in;
            self.opt_out |= demand.opt_out;
            self.help |= demand.help;
            self.no_links |= demand.no_links;
            self.no_phones |= demand.no_phones;
            if demand.reviews {
                self.class = Class::Special;
            }
        }
        self
    }
}
