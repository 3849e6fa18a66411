//! Whether a message may leave from a number: number → 10DLC campaign → brand, all of one workspace.
//!
//! Asked when an SMS campaign is submitted, when it is approved, and by the dispatcher.

use std::collections::BTreeMap;

use super::{
    carrier::{Carrier, CarrierStatus},
    kinds::{BrandStatus, IdentityStatus},
    life::RegistryStatus,
};
use crate::{
    id::{BrandId, TenDlcCampaignId, WorkspaceId},
    phone::{Country, PhoneNumber, normalise},
    sender::{Addressing, Saddr, Ton},
};

/// Area codes of North America whose calls the callee pays for; they are registered elsewhere.
const TOLL_FREE: [u64; 7] = [800, 833, 844, 855, 866, 877, 888];

/// Whether carriers want a 10DLC campaign for messages from this number: a US number of ten digits that is not toll-free.
#[must_use]
pub fn needs_campaign(number: PhoneNumber) -> bool {
    let area = number.as_u64() / 10_000_000 % 1_000;
    number.country().is_some_and(|country| country.iso() == "US") && !TOLL_FREE.contains(&area)
}

/// What carriers in the US take the sender of a message for. To whom it goes makes no difference: it is the sender that is
/// registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// A name, a short code (of up to six digits), a toll-free number or a number of another country: nothing is needed.
    Other,
    /// A US number, for which they want a 10DLC campaign.
    Us(PhoneNumber),
    /// Ten digits that are a US number without its 1, and with TON 1 a whole number of another country:
    /// 475 555 0100 in Connecticut is +47 55 55 01 00 in Norway. Some carriers look at the TON, others at the digits alone.
    Either { us: PhoneNumber, abroad: Country },
}

impl Reading {
    /// The US number for which a 10DLC campaign is needed. `is_abroad`: a super admin approved this address as a number of
    /// another country.
    ///
    /// No digits tell the two apart, so somebody has to say it, and not the workspace: it would exempt itself. Until a
    /// super admin has, the number is a US number and sends nothing without a registration.
    #[must_use]
    pub fn us_number(self, is_abroad: impl FnOnce() -> bool) -> Option<PhoneNumber> {
        match self {
            Self::Other => None,
            Self::Us(number) => Some(number),
            Self::Either { us, .. } => (!is_abroad()).then_some(us),
        }
    }
}

/// A US number is one however it is written: with TON 1, as ten digits without the 1, with zeros in front. So nobody gets
/// past a registration by another TON.
#[must_use]
pub fn reading(addressing: &Addressing) -> Reading {
    let Some(us) = us_number(&addressing.saddr) else { return Reading::Other };
    match abroad(addressing) {
        Some(abroad) => Reading::Either { us, abroad },
        None => Reading::Us(us),
    }
}

/// The digits of an address as carriers in the US read them, if they want a 10DLC campaign for that number.
pub(crate) fn us_number(saddr: &Saddr) -> Option<PhoneNumber> {
    if !saddr.is_numeric() {
        return None;
    }
    let digits = saddr.as_str().trim_start_matches('0');
    let national = match digits.len() {
        10 => digits,
        11 => digits.strip_prefix('1')?,
        _ => return None,
    };
    // Area code and exchange begin with 2 to 9.
    let has_shape = [0, 3].iter().all(|&at| matches!(national.as_bytes().get(at), Some(b'2'..=b'9')));
    let number = format!("+1{national}").parse().ok().filter(|_| has_shape)?;
    needs_campaign(number).then_some(number)
}

/// The other country of which ten digits are a whole number, where the TON says that they are international.
fn abroad(addressing: &Addressing) -> Option<Country> {
    let digits = addressing.saddr.as_str().trim_start_matches('0');
    if addressing.source_ton != Ton::International || digits.len() != 10 {
        return None;
    }
    normalise(&format!("+{digits}"), None::<Country>).ok()?.country()
}

/// A number as it is on record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NumberFacts {
    pub workspace: WorkspaceId,
    /// The one in which it is, or is coming.
    pub campaign: Option<TenDlcCampaignId>,
    /// The registry has confirmed that it is, and nobody is taking it out.
    pub active: bool,
}

/// A 10DLC campaign as it is on record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CampaignFacts<'a> {
    pub workspace: WorkspaceId,
    pub id: TenDlcCampaignId,
    pub brand: BrandId,
    /// None: not registered yet.
    pub status: Option<RegistryStatus>,
    pub carriers: &'a BTreeMap<Carrier, CarrierStatus>,
    pub sharing: Sharing,
}

/// Whether the partner upstream that carries the messages has taken a 10DLC campaign on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// It is shared with nobody: messages go to the carriers without a partner.
    NotNeeded,
    Waiting,
    Accepted,
    Declined,
}

/// A brand as it is on record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BrandFacts {
    pub workspace: WorkspaceId,
    pub id: BrandId,
    pub status: BrandStatus,
    pub identity: IdentityStatus,
}

/// Why no message leaves. The text says what is missing; of another tenant's things it says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotCleared {
    #[error("the sender's US number belongs to no 10DLC campaign of this workspace; assign it to one")]
    NoCampaign,
    #[error(
        "the sender's US number is just being assigned to its 10DLC campaign, or taken out, and nobody has confirmed it yet; see its state on the page of the 10DLC campaign"
    )]
    Unconfirmed,
    #[error("the 10DLC campaign of the sender's number is not registered yet; hand it in")]
    NotRegistered,
    #[error("the 10DLC campaign of the sender's number has expired; register another and assign the number to it")]
    Expired,
    #[error("{} suspended the 10DLC campaign of the sender's number; see the reason on its page", .0.name())]
    Suspended(Carrier),
    #[error(
        "the partner upstream has not accepted the 10DLC campaign of the sender's number yet; it is asked again by itself"
    )]
    NotShared,
    #[error(
        "the partner upstream declined the 10DLC campaign of the sender's number; see the reason on its page, and share it again"
    )]
    Declined,
    #[error("no carrier has approved the 10DLC campaign of the sender's number yet")]
    NotApproved,
    #[error("the brand of the sender's number was deleted at the registry")]
    BrandDeleted,
    #[error("the brand of the sender's number is not verified; see its feedback on its page")]
    BrandUnverified,
}

impl NotCleared {
    /// Whether it can pass without anybody doing something here: then sending waits instead of failing.
    #[must_use]
    pub const fn may_pass(self) -> bool {
        matches!(
            self,
            Self::Unconfirmed | Self::Suspended(_) | Self::NotShared | Self::NotApproved | Self::BrandUnverified
        )
    }
}

/// What is not of the workspace counts as not being there. Who carries a recipient's number is not known, so a suspension
/// by one carrier stops all, and the approval of one is enough to begin.
pub fn check(
    workspace: WorkspaceId,
    number: Option<&NumberFacts>,
    campaign: Option<&CampaignFacts<'_>>,
    brand: Option<&BrandFacts>,
) -> Result<(), NotCleared> {
    let number = number.filter(|number| number.workspace == workspace).ok_or(NotCleared::NoCampaign)?;
    let campaign = campaign
        .filter(|campaign| campaign.workspace == workspace && number.campaign == Some(campaign.id))
        .ok_or(NotCleared::NoCampaign)?;
    let brand = brand
        .filter(|brand| brand.workspace == workspace && brand.id == campaign.brand)
        .ok_or(NotCleared::NoCampaign)?;
    if !number.active {
        return Err(NotCleared::Unconfirmed);
    }
    match campaign.status {
        None => return Err(NotCleared::NotRegistered),
        Some(RegistryStatus::Expired) => return Err(NotCleared::Expired),
        Some(RegistryStatus::Active) => {}
    }
    if brand.status == BrandStatus::Deleted {
        return Err(NotCleared::BrandDeleted);
    }
    if brand.identity == IdentityStatus::Unverified {
        return Err(NotCleared::BrandUnverified);
    }
    let mut suspended = campaign.carriers.iter().filter(|(_, status)| **status == CarrierStatus::Suspended);
    if let Some((carrier, _)) = suspended.next() {
        return Err(NotCleared::Suspended(*carrier));
    }
    match campaign.sharing {
        Sharing::NotNeeded | Sharing::Accepted => {}
        Sharing::Waiting => return Err(NotCleared::NotShared),
        Sharing::Declined => return Err(NotCleared::Declined),
    }
    if campaign.carriers.values().any(|status| *status == CarrierStatus::Registered) {
        Ok(())
    } else {
        Err(NotCleared::NotApproved)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::sender::Npi;

    fn uuid(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    fn number(text: &str) -> PhoneNumber {
        text.parse().unwrap()
    }

    #[test]
    fn us_numbers_need_one_and_no_others() {
        assert!(needs_campaign(number("+13035550100")) && needs_campaign(number("+12125550100")));
        // Toll-free, Canada, Jamaica, Austria.
        for other in ["+18005550100", "+18885550100", "+14165550100", "+18765550100", "+436601234567"] {
            assert!(!needs_campaign(number(other)), "{other}");
        }
    }

    fn read_as(saddr: &str, source_ton: Ton) -> Reading {
        reading(&Addressing {
            saddr: Saddr::parse(saddr).unwrap(),
            source_ton,
            source_npi: Npi::Isdn,
            destination_ton: Ton::International,
            destination_npi: Npi::Isdn,
        })
    }

    #[test]
    fn a_us_number_is_one_however_it_is_written() {
        let expected = Reading::Us(number("+13035550100"));
        for ton in Ton::ALL {
            for saddr in ["+13035550100", "13035550100", "3035550100", "0013035550100"] {
                assert_eq!(read_as(saddr, *ton), expected, "{saddr} {ton}");
            }
        }
    }

    #[test]
    fn names_short_codes_and_other_countries_need_nothing() {
        for saddr in ["ACME", "72345", "723456", "18005550100", "14165550100", "436601234567", "43660123456"] {
            for ton in [Ton::International, Ton::Unknown, Ton::Alphanumeric] {
                assert_eq!(read_as(saddr, ton), Reading::Other, "{saddr} {ton}");
            }
        }
    }

    #[test]
    fn no_area_code_of_the_us_is_exempt_on_the_word_of_a_workspace() {
        let mut ambiguous = Vec::new();
        for area in 200..=999_u32 {
            let (us, digits) = (number(&format!("+1{area}5550100")), format!("{area}5550100"));
            if !needs_campaign(us) {
                continue;
            }
            for ton in Ton::ALL {
                let read = read_as(&digits, *ton);
                assert_eq!(read.us_number(|| false), Some(us), "{area} {ton}");
                if let Reading::Either { abroad, .. } = read {
                    assert_eq!(*ton, Ton::International, "{area}");
                    ambiguous.push((area, abroad.iso()));
                }
            }
            assert_eq!(read_as(&format!("1{digits}"), Ton::International), Reading::Us(us), "{area}");
        }
        for known in [(475, "NO"), (323, "BE"), (434, "AT"), (469, "SE"), (659, "SG"), (372, "EE")] {
            assert!(ambiguous.contains(&known), "{known:?}");
        }
    }

    /// Ten digits that are a whole number of another country send once a super admin has said that they are one.
    #[test]
    fn a_number_of_another_country_needs_nothing_once_a_super_admin_said_so() {
        for digits in ["4755550100", "3725551234", "6592345678"] {
            assert_eq!(read_as(digits, Ton::International).us_number(|| true), None, "{digits}");
            let national = read_as(digits, Ton::National);
            assert_eq!(national.us_number(|| true), Some(number(&format!("+1{digits}"))), "{digits}");
        }
    }

    /// The whole chain, with one thing wrong at a time.
    #[test]
    fn every_link_of_the_chain_holds() {
        let (here, elsewhere) = (WorkspaceId::from_uuid(uuid(1)), WorkspaceId::from_uuid(uuid(2)));
        let (id, other) = (TenDlcCampaignId::from_uuid(uuid(3)), TenDlcCampaignId::from_uuid(uuid(4)));
        let brand = BrandFacts {
            workspace: here,
            id: BrandId::from_uuid(uuid(5)),
            status: BrandStatus::Active,
            identity: IdentityStatus::Verified,
        };
        let carriers =
            BTreeMap::from([(Carrier::Att, CarrierStatus::Registered), (Carrier::TMobile, CarrierStatus::Review)]);
        let suspended =
            BTreeMap::from([(Carrier::Att, CarrierStatus::Registered), (Carrier::Verizon, CarrierStatus::Suspended)]);
        let none = BTreeMap::new();
        let number = NumberFacts { workspace: here, campaign: Some(id), active: true };
        let campaign = CampaignFacts {
            workspace: here,
            id,
            brand: brand.id,
            status: Some(RegistryStatus::Active),
            carriers: &carriers,
            sharing: Sharing::NotNeeded,
        };
        let check = |number: NumberFacts, campaign: CampaignFacts<'_>, brand: BrandFacts| {
            super::check(here, Some(&number), Some(&campaign), Some(&brand))
        };
        assert_eq!(check(number, campaign, brand), Ok(()));
        assert_eq!(check(number, CampaignFacts { sharing: Sharing::Accepted, ..campaign }, brand), Ok(()));
        use NotCleared::{
            BrandDeleted, BrandUnverified, Declined, Expired, NoCampaign, NotApproved, NotRegistered, NotShared,
            Suspended, Unconfirmed,
        };
        for (expected, number, campaign, brand) in [
            (NoCampaign, NumberFacts { workspace: elsewhere, ..number }, campaign, brand),
            (NoCampaign, NumberFacts { campaign: None, ..number }, campaign, brand),
            (NoCampaign, NumberFacts { campaign: Some(other), ..number }, campaign, brand),
            (Unconfirmed, NumberFacts { active: false, ..number }, campaign, brand),
            (NoCampaign, number, CampaignFacts { workspace: elsewhere, ..campaign }, brand),
            (NoCampaign, number, campaign, BrandFacts { workspace: elsewhere, ..brand }),
            (NoCampaign, number, CampaignFacts { brand: BrandId::from_uuid(uuid(6)), ..campaign }, brand),
            (NotRegistered, number, CampaignFacts { status: None, ..campaign }, brand),
            (Expired, number, CampaignFacts { status: Some(RegistryStatus::Expired), ..campaign }, brand),
            (Suspended(Carrier::Verizon), number, CampaignFacts { carriers: &suspended, ..campaign }, brand),
            (NotShared, number, CampaignFacts { sharing: Sharing::Waiting, ..campaign }, brand),
            (Declined, number, CampaignFacts { sharing: Sharing::Declined, ..campaign }, brand),
            (NotApproved, number, CampaignFacts { carriers: &none, ..campaign }, brand),
            (BrandDeleted, number, campaign, BrandFacts { status: BrandStatus::Deleted, ..brand }),
            (BrandUnverified, number, campaign, BrandFacts { identity: IdentityStatus::Unverified, ..brand }),
        ] {
            assert_eq!(check(number, campaign, brand), Err(expected));
        }
        for (number, campaign) in [(None, Some(&campaign)), (Some(&number), None)] {
            assert_eq!(super::check(here, number, campaign, Some(&brand)), Err(NoCampaign));
        }
    }

    proptest! {
        #[test]
        fn nothing_leaves_while_any_carrier_suspends(statuses in proptest::collection::vec(0usize..4, 6)) {
            let workspace = WorkspaceId::from_uuid(uuid(1));
            let (id, brand_id) = (TenDlcCampaignId::from_uuid(uuid(3)), BrandId::from_uuid(uuid(5)));
            let carriers: BTreeMap<_, _> =
                Carrier::ALL.into_iter().zip(statuses.iter().map(|at| CarrierStatus::ALL[*at])).collect();
            let number = NumberFacts { workspace, campaign: Some(id), active: true };
            let campaign = CampaignFacts { workspace, id, brand: brand_id, status: Some(RegistryStatus::Active), carriers: &carriers, sharing: Sharing::NotNeeded };
            let brand = BrandFacts { workspace, id: brand_id, status: BrandStatus::Active, identity: IdentityStatus::Verified };
            let cleared = check(workspace, Some(&number), Some(&campaign), Some(&brand)).is_ok();
            let has = |status| carriers.values().any(|other| *other == status);
            prop_assert_eq!(cleared, has(CarrierStatus::Registered) && !has(CarrierStatus::Suspended));
        }
    }
}
