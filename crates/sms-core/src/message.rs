//! What goes into a Core, and the one answer that every part of it gets.

use std::sync::Arc;

use domain::{phone::PhoneNumber, segment::Encoded, sender::Addressing, tendlc::RegistryCampaignId};
use serde::{Deserialize, Serialize};
use smpp::MessageId;

use crate::ChannelId;

/// One message to one recipient. Its parts go out in order, each after the answer to the one before it.
#[derive(Debug, Clone)]
pub struct Submission {
    /// The caller's own number of it, unique among what is outstanding in the lane.
    pub token: u64,
    pub destination: PhoneNumber,
    pub addressing: Arc<Addressing>,
    pub encoded: Arc<Encoded>,
    /// How long the carrier may try; `None` leaves it to the carrier. Longer than 31 days is cut to 31 days.
    pub validity_minutes: Option<u32>,
    /// The 10DLC campaign by which it is sent; links that are set up for it name it to the carrier.
    pub tendlc_campaign: Option<RegistryCampaignId>,
}

/// The one answer to one part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartOutcome {
    pub token: u64,
    /// From 0.
    pub part: u8,
    pub result: PartResult,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PartResult {
    /// The carrier took it. Its receipts come by this link and under this id; another link may give the same id.
    Accepted { link: ChannelId, message_id: MessageId },
    /// The carrier refused it for good, or its limited retries are used up. SMPP 3.4 §5.1.3.
    Refused { command_status: u32 },
    /// Written, and no answer came: nobody knows whether the carrier has it.
    Uncertain { link: ChannelId },
    /// Certainly not with the carrier. When every part of a message says so it may be claimed again; after another
    /// outcome of an earlier part it means that the rest of the message was given up.
    NotSent,
}
