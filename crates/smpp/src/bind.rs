//! Who binds, and as what.

use serde::{Deserialize, Serialize};

use crate::{password::Password, wire::command};

/// What a session may do, SMPP 3.4 §2.2.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BindRole {
    /// Submits and receives.
    #[default]
    Transceiver,
    /// Submits only.
    Transmitter,
    /// Receives only.
    Receiver,
}

impl BindRole {
    #[must_use]
    pub const fn command_id(self) -> u32 {
        match self {
            Self::Transceiver => command::BIND_TRANSCEIVER,
            Self::Transmitter => command::BIND_TRANSMITTER,
            Self::Receiver => command::BIND_RECEIVER,
        }
    }

    #[must_use]
    pub const fn submits(self) -> bool {
        !matches!(self, Self::Receiver)
    }

    #[must_use]
    pub const fn receives(self) -> bool {
        !matches!(self, Self::Transmitter)
    }
}

/// The credentials of a bind.
#[derive(Debug, Clone)]
pub struct Bind {
    pub role: BindRole,
    pub system_id: String,
    pub password: Password,
    pub system_type: String,
    pub address_range: BindRange,
}

/// The addresses that a session asks for, SMPP 3.4 §5.2.5 to §5.2.7; as a rule none, and the carrier decides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BindRange {
    pub ton: u8,
    pub npi: u8,
    /// Cut to 40 octets.
    pub range: String,
}
