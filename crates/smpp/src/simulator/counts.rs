//! What the simulator has seen.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

macro_rules! tallies {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {
        /// A snapshot of what the simulator has counted since its start.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
        pub struct Counts {
            $($(#[$doc])* pub $name: u64,)+
            /// Receipts that are not acknowledged, apart from those that a session has just sent.
            pub receipts_waiting: u64,
        }

        #[derive(Debug, Default)]
        pub(super) struct Tallies {
            $(pub $name: AtomicU64,)+
        }

        impl Tallies {
            pub fn snapshot(&self, receipts_waiting: u64) -> Counts {
                Counts { $($name: self.$name.load(Ordering::Relaxed),)+ receipts_waiting }
            }
        }
    };
}

tallies! {
    connections,
    binds,
    binds_refused,
    /// Bound at the moment.
    sessions,
    submits,
    accepted,
    refused,
    throttled,
    enquiries,
    unbinds,
    /// Requests that the strict decoder did not take, answered with generic_nack.
    undecodable,
    /// generic_nack received.
    nacks,
    /// Sendings, repetitions included.
    receipts_sent,
    receipts_acknowledged,
    /// Answered with a status other than 0; sent again.
    receipts_refused,
    receipts_lost,
    receipts_duplicated,
}

/// Counts `by` more.
pub(super) fn add(tally: &AtomicU64, by: u64) {
    tally.fetch_add(by, Ordering::Relaxed);
}
