//! What a brand can be, and what the registry can say of it.

use super::word::words;

words! {
    /// The legal form of a brand. Decides which fields there are.
    EntityType {
        PrivateProfit = "PRIVATE_PROFIT", "Private company";
        PublicProfit = "PUBLIC_PROFIT", "Publicly traded company";
        NonProfit = "NON_PROFIT", "Non-profit organisation";
        Government = "GOVERNMENT", "Government";
        /// A person with a business of their own and no EIN.
        SoleProprietor = "SOLE_PROPRIETOR", "Sole proprietor";
    }

    /// The line of business.
    Vertical {
        Agriculture = "AGRICULTURE", "Agriculture";
        Communication = "COMMUNICATION", "Media and communication";
        Construction = "CONSTRUCTION", "Construction and materials";
        Education = "EDUCATION", "Education";
        Energy = "ENERGY", "Energy and utilities";
        Entertainment = "ENTERTAINMENT", "Entertainment";
        Financial = "FINANCIAL", "Financial services";
        Gambling = "GAMBLING", "Gambling and lottery";
        Government = "GOVERNMENT", "Government services";
        Healthcare = "HEALTHCARE", "Healthcare and life sciences";
        Hospitality = "HOSPITALITY", "Hospitality and travel";
        HumanResources = "HUMAN_RESOURCES", "Staffing and recruitment";
        Insurance = "INSURANCE", "Insurance";
        Legal = "LEGAL", "Legal";
        Manufacturing = "MANUFACTURING", "Manufacturing";
        Ngo = "NGO", "Non-governmental organisation";
        Political = "POLITICAL", "Political";
        Postal = "POSTAL", "Postal and delivery";
        Professional = "PROFESSIONAL", "Professional services";
        RealEstate = "REAL_ESTATE", "Real estate";
        Retail = "RETAIL", "Retail and consumer products";
        Technology = "TECHNOLOGY", "Information technology";
        Transportation = "TRANSPORTATION", "Transportation and logistics";
    }

    /// How well the provider knows the brand.
    Relationship {
        Basic = "BASIC_ACCOUNT", "Basic account";
        Small = "SMALL_ACCOUNT", "Small account";
        Medium = "MEDIUM_ACCOUNT", "Medium account";
        Large = "LARGE_ACCOUNT", "Large account";
        Key = "KEY_ACCOUNT", "Key account";
    }

    /// A number by which a business is known besides its tax number.
    AltBusinessIdKind {
        Duns = "DUNS", "DUNS number";
        Giin = "GIIN", "GIIN";
        Lei = "LEI", "LEI";
    }

    /// Whether the registry knows the brand for what it says it is.
    IdentityStatus {
        SelfDeclared = "SELF_DECLARED", "Self-declared";
        Unverified = "UNVERIFIED", "Not verified";
        Verified = "VERIFIED", "Verified";
        VettedVerified = "VETTED_VERIFIED", "Verified and vetted";
    }

    BrandStatus {
        Active = "ACTIVE", "Active";
        /// For good: the registry brings no brand back.
        Deleted = "DELETED", "Deleted";
    }

    /// Who vets brands.
    VettingProvider {
        Aegis = "AEGIS", "Aegis Mobile";
        Wmc = "WMC", "WMC Global";
        CampaignVerify = "CV", "Campaign Verify";
    }

    VettingStatus {
        Pending = "PENDING", "In progress";
        /// The provider could not find enough to give a score.
        Unscore = "UNSCORE", "No score";
        Active = "ACTIVE", "Scored";
        Failed = "FAILED", "Failed";
        Expired = "EXPIRED", "Expired";
    }

    /// Why a carrier or a partner refused a 10DLC campaign.
    RejectionCategory {
        BrandInconsistencies = "BRAND_INCONSISTENCIES", "Brand and 10DLC campaign do not fit together";
        CallToAction = "CALL_TO_ACTION", "How people agree to be written to";
        Description = "CAMPAIGN_DESCRIPTION_OR_ATTRIBUTES", "Description or attributes";
        DisallowedContent = "DISALLOWED_CONTENT", "Content that carriers do not allow";
        MandatoryTerminology = "MANDATORY_MESSAGE_TERMINOLOGY", "Required wording";
        PrivacyPolicy = "PRIVACY_POLICY", "Privacy policy";
        SampleMessage = "SAMPLE_MESSAGE", "Sample messages";
        TermsAndConditions = "TERMS_AND_CONDITIONS", "Terms and conditions";
        Other = "OTHER", "Another reason";
    }
}

impl EntityType {
    /// None: everywhere.
    #[must_use]
    pub const fn countries(self) -> Option<&'static [&'static str]> {
        match self {
            Self::PrivateProfit | Self::PublicProfit => None,
            Self::NonProfit | Self::Government => Some(&["US"]),
            Self::SoleProprietor => Some(&["US", "CA"]),
        }
    }

    /// Nobody has looked at a new brand yet, and nobody looks at a sole proprietor's papers.
    #[must_use]
    pub const fn first_identity(self) -> IdentityStatus {
        match self {
            Self::SoleProprietor => IdentityStatus::SelfDeclared,
            _ => IdentityStatus::Unverified,
        }
    }

    /// Active 10DLC campaigns of such a brand at the same time; None: no limit of the registry's.
    #[must_use]
    pub const fn campaigns_max(self) -> Option<usize> {
        match self {
            Self::SoleProprietor => Some(1),
            _ => None,
        }
    }

    /// Numbers in a 10DLC campaign of such a brand; None: no limit of the registry's.
    #[must_use]
    pub const fn numbers_max(self) -> Option<usize> {
        match self {
            Self::SoleProprietor => Some(5),
            _ => None,
        }
    }

    /// Whether a vetting can be ordered to gain a score.
    #[must_use]
    pub const fn can_be_vetted(self) -> bool {
        !matches!(self, Self::SoleProprietor)
    }
}

impl RejectionCategory {
    /// The way to repair it.
    #[must_use]
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::BrandInconsistencies => {
                "Bring name, website and e-mail domain of the brand in line with samples and links, then resubmit."
            }
            Self::CallToAction => {
                "Describe in the message flow where and how people agree, with the address of the page, then resubmit."
            }
            Self::Description => "Describe who sends what to whom and why, and set the attributes that apply.",
            Self::DisallowedContent => "Remove what carriers do not carry; such a 10DLC campaign is not approved.",
            Self::MandatoryTerminology => {
                "Give the brand's name, STOP and HELP, frequency and “Message and data rates may apply” where people agree."
            }
            Self::PrivacyPolicy => "Link a privacy policy that says that numbers are not passed on for marketing.",
            Self::SampleMessage => "Give samples that fit the use case, name the brand and tell how to opt out.",
            Self::TermsAndConditions => "Link terms that describe the messages, their frequency, STOP and HELP.",
            Self::Other => "Read the carrier's reason, repair what it says and resubmit.",
        }
    }
}
