//! The hours of a week in which messages may go out. Plain figures: the browser has them without the zone database.

use serde::{Deserialize, Serialize};

/// The minutes of a local day in which messages may go out: [from, to), counted from midnight, `to` at most 1,440.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Hours {
    pub from_minute: u16,
    pub to_minute: u16,
}

/// The hours of each weekday, Monday first; None: nothing goes out on that day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Week(pub [Option<Hours>; 7]);
