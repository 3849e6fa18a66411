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
        /// A carrier carries its messages, and another has rejected it.
        Partly = "partly", "Partly active";
        /// By a carrier, and no other carries its messages; or by the partner upstream. Nothing leaves.
        Rejected = "rejected", "Rejected";
        /// Nothing leaves.
        Suspended = "suspended", "Suspended";
        /// The registry has it, and nothing leaves, because of its brand ([`BrandPhase::holds`]).
        Held = "held", "Held by its brand";
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

    /// Whether nothing leaves by its 10DLC campaigns.
    #[must_use]
    pub const fn holds(self) -> bool {
        matches!(self, Self::Unverified | Self::Deleted)
    }
}

impl CampaignPhase {
    /// By itself, whatever its brand is. `status` None: not registered yet. One carrier that suspends it stops it everywhere.
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
            Registration::Registered { .. } if sharing == Sharing::Declined => Self::Rejected,
            Registration::Registered { .. } => {
                match (sharing, any(CarrierStatus::Registered), any(CarrierStatus::Rejected)) {
                    (_, false, true) => Self::Rejected,
                    (Sharing::Waiting, ..) | (_, false, false) => Self::Review,
                    (_, true, true) => Self::Partly,
                    (_, true, false) => Self::Active,
                }
            }
        }
    }

    /// Whether its brand can hold it.
    #[must_use]
    pub const fn can_be_held(self) -> bool {
        matches!(self, Self::Review | Self::Active | Self::Partly | Self::Rejected | Self::Suspended)
    }

    /// With what its brand does to it.
    #[must_use]
    pub const fn under(self, brand: BrandPhase) -> Self {
        if brand.holds() && self.can_be_held() { Self::Held } else { self }
    }

    /// Whether messages leave.
    #[must_use]
    pub const fn sends(self) -> bool {
        matches!(self, Self::Active | Self::Partly)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        id::{BrandId, TenDlcCampaignId, WorkspaceId},
        tendlc::clearance::{BrandFacts, CampaignFacts, NumberFacts, check},
    };

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
        assert_eq!(of(&[Registered, Rejected]), CampaignPhase::Partly);
        assert_eq!(of(&[Review, Rejected]), CampaignPhase::Rejected);
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

    /// What lists and pages say is what the dispatcher does, whatever registry, carriers and partner say.
    #[test]
    fn the_word_says_whether_messages_leave() {
        let workspace = WorkspaceId::from_uuid(Uuid::from_u128(1));
        let (id, of) = (TenDlcCampaignId::from_uuid(Uuid::from_u128(2)), BrandId::from_uuid(Uuid::from_u128(3)));
        let number = NumberFacts { workspace, campaign: Some(id), active: true };
        let words: Vec<_> = CarrierStatus::ALL.iter().copied().map(Some).chain([None]).collect();
        let mut seen = std::collections::BTreeSet::new();
        for (&att, &verizon) in words.iter().flat_map(|one| words.iter().map(move |other| (one, other))) {
            let carriers = [(Carrier::Att, att), (Carrier::Verizon, verizon)];
            let carriers = carriers.into_iter().filter_map(|(carrier, word)| Some((carrier, word?))).collect();
            for sharing in [Sharing::NotNeeded, Sharing::Waiting, Sharing::Accepted, Sharing::Declined] {
                for &status in RegistryStatus::ALL {
                    let own = CampaignPhase::of(&REGISTERED, Some(status), &carriers, sharing);
                    let campaign =
                        CampaignFacts { workspace, id, brand: of, status: Some(status), carriers: &carriers, sharing };
                    for &identity in IdentityStatus::ALL {
                        for &status in BrandStatus::ALL {
                            let standing = BrandStanding {
                                entity_type: EntityType::PrivateProfit,
                                registered: true,
                                status,
                                identity,
                                confirmed: true,
                                active_campaigns: 1,
                            };
                            let phase = own.under(BrandPhase::of(&REGISTERED, &standing));
                            let brand = BrandFacts { workspace, id: of, status, identity };
                            let leaves = check(workspace, Some(&number), Some(&campaign), Some(&brand)).is_ok();
                            assert_eq!(phase.sends(), leaves, "{phase:?}: {campaign:?} {brand:?}");
                            seen.insert(phase);
                        }
                    }
                }
            }
        }
        assert_eq!(seen.len(), CampaignPhase::ALL.len() - 2, "all but drafts and what is on its way");
    }
}
