//! Where brands and 10DLC campaigns stand, in one word: for lists, and for whoever looks for what needs attention.

use std::collections::BTreeMap;

use super::{
    BrandStatus, Carrier, CarrierStatus, EntityType, IdentityStatus, RegistryStatus,
    clearance::Sharing,
    life::{BrandStanding, Registration},
    word::words,
};

words! {
    BrandPhase {
        /// The registry refused to register it, or it was withdrawn.
        Draft = "draft", "Draft";
        /// The registry has not said yet that it has it.
        OnItsWay = "on_its_way", "On its way";
        /// The registry does not know it for what it says it is: it can have no 10DLC campaigns.
        Unverified = "unverified", "Not verified";
        /// The business contact, or the sole proprietor, has to confirm it.
        Unconfirmed = "unconfirmed", "To be confirmed";
        /// It can have 10DLC campaigns.
        Ready = "ready", "Ready";
        Deleted = "deleted", "Deleted";
    }

    CampaignPhase {
        Draft = "draft", "Draft";
        OnItsWay = "on_its_way", "On its way";
        /// No carrier has decided yet, or the partner upstream has not.
        Review = "review", "In review";
        /// A carrier carries its messages, and none has anything against them; neither has the partner upstream.
        Active = "active", "Active";
        /// By a carrier, while others may carry its messages; or by the partner upstream, and then nothing leaves.
        Rejected = "rejected", "Rejected";
        /// Nothing leaves.
        Suspended = "suspended", "Suspended";
        Expired = "expired", "Expired";
    }
}

impl BrandPhase {
    #[must_use]
    pub fn of<Id>(registration: &Registration<Id>, standing: &BrandStanding) -> Self {
        let confirms = matches!(standing.entity_type, EntityType::PublicProfit | EntityType::SoleProprietor);
        match registration {
            _ if standing.status == BrandStatus::Deleted => Self::Deleted,
            Registration::Draft => Self::Draft,
            Registration::Sent { .. } => Self::OnItsWay,
            Registration::Registered { .. } if standing.identity == IdentityStatus::Unverified => Self::Unverified,
            Registration::Registered { .. } if confirms && !standing.confirmed => Self::Unconfirmed,
            Registration::Registered { .. } => Self::Ready,
        }
    }
}

impl CampaignPhase {
    /// `status` None: not registered yet. One carrier that suspends it stops it everywhere.
    #[must_use]
    pub fn of<Id>(
        registration: &Registration<Id>,
        status: Option<RegistryStatus>,
        carriers: &BTreeMap<Carrier, CarrierStatus>,
        sharing: Sharing,
    ) -> Self {
        let any = |wanted: CarrierStatus| carriers.values().any(|status| *status == wanted);
        match registration {
            _ if status == Some(RegistryStatus::Expired) => Self::Expired,
            Registration::Draft => Self::Draft,
            Registration::Sent { .. } => Self::OnItsWay,
            Registration::Registered { .. } if any(CarrierStatus::Suspended) => Self::Suspended,
            Registration::Registered { .. } if any(CarrierStatus::Rejected) || sharing == Sharing::Declined => {
                Self::Rejected
            }
            Registration::Registered { .. } if sharing == Sharing::Waiting => Self::Review,
            Registration::Registered { .. } if any(CarrierStatus::Registered) => Self::Active,
            Registration::Registered { .. } => Self::Review,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENT: Registration<u8> = Registration::Sent { reference: String::new() };
    const REGISTERED: Registration<u8> = Registration::Registered { reference: String::new(), id: 1 };

    #[test]
    fn a_brand_is_ready_when_it_can_have_10dlc_campaigns() {
        for entity_type in EntityType::ALL.iter().copied() {
            for identity in IdentityStatus::ALL.iter().copied() {
                for status in BrandStatus::ALL.iter().copied() {
                    for confirmed in [true, false] {
                        for registration in [Registration::Draft, SENT, REGISTERED] {
                            let registered = registration.id().is_some();
                            let standing = BrandStanding {
                                entity_type,
                                registered,
                                status,
                                identity,
                                confirmed,
                                active_campaigns: 0,
                            };
                            let ready = BrandPhase::of(&registration, &standing) == BrandPhase::Ready;
                            assert_eq!(ready, standing.check().is_ok(), "{standing:?}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn the_worst_word_of_a_carrier_counts() {
        use CarrierStatus::{Registered, Rejected, Review, Suspended};

        let shared = |statuses: &[CarrierStatus], sharing| {
            let carriers = Carrier::ALL.into_iter().zip(statuses.iter().copied()).collect();
            CampaignPhase::of(&REGISTERED, Some(RegistryStatus::Active), &carriers, sharing)
        };
        let of = |statuses: &[CarrierStatus]| shared(statuses, Sharing::NotNeeded);
        assert_eq!(of(&[]), CampaignPhase::Review);
        assert_eq!(of(&[Review, Review]), CampaignPhase::Review);
        assert_eq!(of(&[Registered, Review]), CampaignPhase::Active);
        assert_eq!(of(&[Registered, Rejected]), CampaignPhase::Rejected);
        assert_eq!(of(&[Registered, Rejected, Suspended]), CampaignPhase::Suspended);
        // Nothing leaves without the partner upstream, whatever carriers say.
        assert_eq!(shared(&[Registered], Sharing::Accepted), CampaignPhase::Active);
        assert_eq!(shared(&[Registered], Sharing::Waiting), CampaignPhase::Review);
        assert_eq!(shared(&[Registered], Sharing::Declined), CampaignPhase::Rejected);
        assert_eq!(shared(&[Suspended], Sharing::Declined), CampaignPhase::Suspended);
        let none = BTreeMap::new();
        let unshared = Sharing::NotNeeded;
        assert_eq!(CampaignPhase::of(&SENT, None, &none, unshared), CampaignPhase::OnItsWay);
        assert_eq!(CampaignPhase::of::<u8>(&Registration::Draft, None, &none, unshared), CampaignPhase::Draft);
        let expired = Some(RegistryStatus::Expired);
        assert_eq!(CampaignPhase::of(&REGISTERED, expired, &none, unshared), CampaignPhase::Expired);
    }
}
