//! 10DLC: the staff that registers, brands, 10DLC campaigns, numbers, and what the registry says of them.
//!
//! Whoever does something presents a [`Registrar`], the proof of what a person sees and may do at the registry, whether as
//! staff, as a member of a workspace or as a super admin. A [`Sight`] of it reads lists, [`Registrar::at`] opens one
//! workspace, and [`Desk::may`] gives the [`Doing`] of one action there. What nobody asked for now (answers of the
//! registry, webhooks) is written with a [`crate::SystemScope`]. The calls to the registry are the engine's.
//!
//! Whether a message may leave from a US number says [`clearance`], and how much may leave is kept by [`usage`].
//!
//! *Invariants*: which workspaces are seen is one of [`domain::tendlc::Visible`], and no value means that nothing is
//! filtered; what is not seen is [`crate::Error::NotFound`]; a 10DLC campaign and its brand are of one workspace, since the
//! brand is read by a key that begins with it; a number is in one 10DLC campaign of the whole installation, by a unique
//! record; what is to be registered has its reference on record before the registry hears of it; every change is on the
//! workspace's chain with before and after.

mod access;
pub mod attention;
pub mod brands;
pub mod campaigns;
mod changes;
pub mod clearance;
mod edits;
pub mod events;
mod history;
mod kept;
mod listing;
#[cfg(test)]
mod listing_tests;
pub mod numbers;
pub mod staff;
pub mod usage;

pub(crate) use self::{access::KeyOf, listing::fill as fill_columns};
pub use self::{
    access::{Action, Desk, Doing, Registrar, Sight, action},
    brands::Brand,
    campaigns::TenDlc,
    clearance::{Blocked, Clearance, Cleared},
    edits::{Editor, Edits, From},
    events::RawEvent,
    history::history,
    kept::{Subject, known_as},
    listing::{Listed, Search, Slice},
    numbers::Number,
};

/// The tables of what the registry has, or may have, where `live` is true.
pub(crate) const REGISTERED: [&str; 2] = ["tendlc_brand", "tendlc_campaign"];

/// Makes a change that says the same whatever else is in the record: again, when something that the registry said was written
/// in between, of which the person cannot know. A macro, since what borrows in a closure that gives futures is not known to
/// be `Send`.
#[macro_export]
macro_rules! beside_news {
    ($change:expr) => {{
        let mut tries = 0;
        loop {
            match ::std::boxed::Box::pin($change).await {
                Err($crate::Error::Moved) if tries < 8 => tries += 1,
                other => break other,
            }
        }
    }};
}
