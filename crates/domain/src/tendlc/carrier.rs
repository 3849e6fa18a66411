//! Carriers, by the registry's ids, and what each of them thinks of a 10DLC campaign.

use serde::{Deserialize, Serialize};

use super::word::words;

/// A mobile network that the registry keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
#[repr(u32)]
pub enum Carrier {
    Att = 10_017,
    TMobile = 10_035,
    UsCellular = 10_037,
    Verizon = 10_038,
    ClearSky = 10_631,
    Interop = 10_901,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no carrier has the id {0}; the carriers are 10017, 10035, 10037, 10038, 10631 and 10901")]
pub struct UnknownCarrier(u32);

impl Carrier {
    pub const ALL: [Self; 6] =
        [Self::Att, Self::TMobile, Self::UsCellular, Self::Verizon, Self::ClearSky, Self::Interop];

    /// The registry's `mnoId`.
    #[must_use]
    pub const fn id(self) -> u32 {
        self as u32
    }

    #[must_use]
    pub fn from_id(id: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|carrier| carrier.id() == id)
    }

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Att => "AT&T",
            Self::TMobile => "T-Mobile",
            Self::UsCellular => "US Cellular",
            Self::Verizon => "Verizon",
            Self::ClearSky => "ClearSky",
            Self::Interop => "Interop",
        }
    }
}

impl TryFrom<u32> for Carrier {
    type Error = UnknownCarrier;

    fn try_from(id: u32) -> Result<Self, UnknownCarrier> {
        Self::from_id(id).ok_or(UnknownCarrier(id))
    }
}

impl From<Carrier> for u32 {
    fn from(carrier: Carrier) -> Self {
        carrier.id()
    }
}

/// Maps by carrier as lists of pairs: where they are kept, the keys of maps are texts.
pub mod pairs {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Carrier;

    /// # Errors
    /// Those of the serializer.
    pub fn serialize<T: Serialize, S: Serializer>(map: &BTreeMap<Carrier, T>, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(map)
    }

    /// # Errors
    /// Those of the deserializer.
    pub fn deserialize<'de, T, D>(from: D) -> Result<BTreeMap<Carrier, T>, D::Error>
    where
        T: Deserialize<'de>,
        D: Deserializer<'de>,
    {
        Ok(Vec::<(Carrier, T)>::deserialize(from)?.into_iter().collect())
    }
}

words! {
    /// What a carrier does with the messages of a 10DLC campaign.
    CarrierStatus {
        Registered = "REGISTERED", "Registered";
        Review = "REVIEW", "In review";
        Rejected = "REJECTED", "Rejected";
        Suspended = "SUSPENDED", "Suspended";
    }
}

/// Something that a carrier does, or that is done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CarrierEvent {
    Review,
    Approve,
    Reject,
    Suspend,
    Unsuspend,
    /// The 10DLC campaign was repaired and handed in again.
    Resubmit,
}

impl CarrierEvent {
    pub const ALL: [Self; 6] =
        [Self::Review, Self::Approve, Self::Reject, Self::Suspend, Self::Unsuspend, Self::Resubmit];

    /// What holds after it, wherever it came from.
    #[must_use]
    pub const fn result(self) -> CarrierStatus {
        match self {
            Self::Review | Self::Resubmit => CarrierStatus::Review,
            Self::Approve | Self::Unsuspend => CarrierStatus::Registered,
            Self::Reject => CarrierStatus::Rejected,
            Self::Suspend => CarrierStatus::Suspended,
        }
    }

    /// Whether fewer messages leave after it. Such news counts at once, others only when the registry confirms them.
    #[must_use]
    pub const fn narrows(self) -> bool {
        matches!(self, Self::Reject | Self::Suspend)
    }
}

/// Something that cannot follow from what is known; the registry has to be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("what is on record does not lead there; ask the registry")]
pub struct Unexpected;

/// What a carrier's status becomes; None stands for a carrier that has not seen the 10DLC campaign yet.
///
/// An event that says what is on record already changes nothing and is no error, so that it can come twice.
pub const fn transition(status: Option<CarrierStatus>, event: CarrierEvent) -> Result<CarrierStatus, Unexpected> {
    use CarrierEvent::{Approve, Reject, Resubmit, Review, Suspend, Unsuspend};
    use CarrierStatus::{Registered, Rejected, Suspended};

    match (status, event) {
        (None | Some(CarrierStatus::Review), Review | Approve | Reject)
        | (Some(Registered), Review | Suspend | Approve | Unsuspend)
        | (Some(Rejected), Resubmit | Review | Reject)
        | (Some(Suspended), Unsuspend | Suspend)
        | (Some(CarrierStatus::Review), Resubmit) => Ok(event.result()),
        _ => Err(Unexpected),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Trap 6: the ids were swapped in the system that the product was asked for after.
    #[test]
    fn carriers_have_the_registrys_ids() {
        for (id, name) in [
            (10_017, "AT&T"),
            (10_035, "T-Mobile"),
            (10_037, "US Cellular"),
            (10_038, "Verizon"),
            (10_631, "ClearSky"),
            (10_901, "Interop"),
        ] {
            assert_eq!(Carrier::from_id(id).map(Carrier::name), Some(name));
            assert_eq!(serde_json::to_string(&Carrier::from_id(id)).unwrap(), id.to_string());
        }
        assert_eq!(Carrier::from_id(10_036), None);
        assert!(serde_json::from_str::<Carrier>("10036").unwrap_err().to_string().contains("10035"));
    }

    #[test]
    fn the_main_road_and_its_detours() {
        use CarrierEvent::{Approve, Reject, Resubmit, Review, Suspend, Unsuspend};
        let after = |events: &[CarrierEvent]| {
            events.iter().try_fold(None, |status, event| transition(status, *event).map(Some)).map(Option::unwrap)
        };
        assert_eq!(after(&[Review, Approve, Suspend, Unsuspend]), Ok(CarrierStatus::Registered));
        assert_eq!(after(&[Review, Reject, Resubmit, Approve]), Ok(CarrierStatus::Registered));
        for impossible in [&[Suspend][..], &[Review, Suspend], &[Review, Reject, Approve], &[Approve, Suspend, Approve]]
        {
            assert_eq!(after(impossible), Err(Unexpected), "{impossible:?}");
        }
    }

    #[test]
    fn a_suspension_ends_only_by_being_lifted() {
        for event in CarrierEvent::ALL {
            let next = transition(Some(CarrierStatus::Suspended), event);
            assert!(next != Ok(CarrierStatus::Registered) || event == CarrierEvent::Unsuspend, "{event:?}");
        }
    }

    #[test]
    fn what_is_possible_can_come_twice() {
        let statuses = CarrierStatus::ALL.iter().copied().map(Some).chain([None]);
        for status in statuses {
            for event in CarrierEvent::ALL {
                if let Ok(next) = transition(status, event) {
                    assert_eq!(next, event.result());
                    assert_eq!(transition(Some(next), event), Ok(next), "{status:?} {event:?}");
                }
            }
        }
    }
}
