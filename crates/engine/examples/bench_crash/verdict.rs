//! What the simulator got, held against what the database says.

use std::collections::{HashMap, HashSet};

use domain::{campaign::Status, recipient::RecipientState};
use smpp::simulator::log::Accepted;
use store::recipients::{PackedMessageId, RecipientStatus};

use crate::{
    Failure,
    look::JobSight,
    recipients::{Expected, Fate},
};

/// Message ids by number and part, part from 1, in the order in which they were accepted. A number is of one campaign.
pub type Arrived = HashMap<(u64, u8), Vec<String>>;

/// Groups the lines of the simulator's log.
pub fn arrived(lines: Vec<Accepted>) -> Result<Arrived, Failure> {
    let mut arrived = Arrived::new();
    for line in lines {
        arrived.entry((line.destination.parse()?, line.part)).or_default().push(line.message_id);
    }
    Ok(arrived)
}

/// What does not fit, in recipients.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Recorded as sent, and not at the SMSC.
    pub lost: u64,
    /// Acceptances of a part beyond its first one.
    pub duplicates: u64,
    /// Recorded as not sent, and at the SMSC: they would be sent again.
    pub to_be_doubled: u64,
    /// The record contradicts what the SMSC did (another receipt, another message id, another number), or somebody is in a
    /// campaign more than once or not at all.
    pub mismatches: u64,
    /// Still uncertain although the SMSC has every part and sent its receipts.
    pub unsettled: u64,
}

pub const NOT_SENT_AND_THERE: &str = "recipients are recorded as not sent, and the SMSC has them";

impl Verdict {
    /// Each with what it is.
    pub const fn complaints(self) -> [(u64, &'static str); 5] {
        [
            (self.lost, "recipients are recorded as sent, and the SMSC does not have them"),
            (self.duplicates, "parts were accepted more than once"),
            (self.to_be_doubled, NOT_SENT_AND_THERE),
            (self.mismatches, "recipients are in a state that contradicts the SMSC"),
            (self.unsettled, "recipients are uncertain although the SMSC sent their receipts"),
        ]
    }
}

impl std::ops::AddAssign for Verdict {
    fn add_assign(&mut self, other: Self) {
        self.lost += other.lost;
        self.duplicates += other.duplicates;
        self.to_be_doubled += other.to_be_doubled;
        self.mismatches += other.mismatches;
        self.unsettled += other.unsettled;
    }
}

/// Of everything that the SMSC got: what it got twice, and what is of nobody.
pub fn of_arrivals(arrived: &Arrived, expected: &[HashMap<u64, Expected>]) -> Verdict {
    let duplicates = arrived.values().map(|ids| ids.len() as u64 - 1).sum();
    let strange = |number: &u64| !expected.iter().any(|known| known.contains_key(number));
    let mismatches = arrived.keys().filter(|(number, _)| strange(number)).count() as u64;
    Verdict { duplicates, mismatches, ..Verdict::default() }
}

/// Of one campaign. `is_over`: it has ended, so that nobody may be left on the way, nor missing.
pub fn compare(sight: &JobSight, arrived: &Arrived, expected: &HashMap<u64, Expected>, is_over: bool) -> Verdict {
    let mut verdict = Verdict::default();
    // Of a window that ran out during the kills: who waited is not sent to.
    let may_be_left = sight.status == Status::Expired;
    let mut seen = HashSet::with_capacity(sight.rows.len());
    for (number, row) in &sight.rows {
        let Some(expected) = expected.get(number) else {
            verdict.mismatches += 1;
            continue;
        };
        verdict.mismatches += u64::from(is_over && !seen.insert(*number));
        let at_smsc = (1..=expected.parts).filter(|&part| arrived.contains_key(&(*number, part))).count();
        let (nothing, everything) = (at_smsc == 0, at_smsc == usize::from(expected.parts));
        match row.state {
            RecipientState::Waiting => {
                verdict.to_be_doubled += u64::from(!nothing);
                verdict.mismatches += u64::from(is_over);
            }
            RecipientState::NotSent => {
                verdict.to_be_doubled += u64::from(!nothing);
                verdict.mismatches += u64::from(is_over && !may_be_left);
            }
            RecipientState::Claimed => verdict.mismatches += u64::from(is_over),
            RecipientState::Submitted => {
                verdict.lost += u64::from(!everything);
                verdict.mismatches += u64::from(is_over && !may_be_left);
            }
            RecipientState::Delivered => {
                verdict.lost += u64::from(!everything);
                verdict.mismatches += u64::from(expected.fate != Fate::Delivered);
            }
            RecipientState::NoReceipt => verdict.lost += u64::from(!everything),
            RecipientState::Failed => {
                let fits = match expected.fate {
                    Fate::Refused => nothing,
                    Fate::Failed => !nothing,
                    Fate::Delivered => false,
                };
                verdict.mismatches += u64::from(!fits);
            }
            RecipientState::Uncertain => verdict.unsettled += u64::from(is_over && everything),
        }
        verdict.mismatches += u64::from(!has_own_ids(*number, row, arrived));
    }
    if is_over {
        verdict.mismatches += expected.len().abs_diff(seen.len()) as u64;
    }
    verdict
}

/// Whether each message id on record is one that the SMSC gave to this number. Of a message in parts a receipt that was
/// found by the number alone may stand with another part.
fn has_own_ids(number: u64, row: &RecipientStatus, arrived: &Arrived) -> bool {
    let parts = 1..=row.parts.len() as u8;
    let given = || parts.clone().filter_map(|part| arrived.get(&(number, part))).flatten();
    row.parts.iter().filter_map(|part| part.message_id.as_ref()).all(|id| {
        let same = |given: &String| PackedMessageId::new(given.as_bytes()) == *id;
        given().any(same)
    })
}
