//! What a receipt does to the recipient that it was found to be for.

use std::time::Instant;

use sms_core::ChannelId;
use store::{
    journal::entry::{Entry, Outcome},
    recipients::{BLOCK_LEN, PackedMessageId, PartState},
};

use super::{
    correlator::{Arrived, Early},
    index::Target,
    link_id,
    router::{Routed, stored},
    runner::{Runner, Stop},
};
use crate::metrics;

impl Runner {
    /// Receipts that were there before their message was known.
    pub(super) async fn early(
        &mut self,
        link: &ChannelId,
        message_id: &str,
        target: Target,
        early: Early,
    ) -> Result<(), Stop> {
        for arrived in early.parked {
            self.receipt(Routed { target, link: link.clone(), arrived, by_number: false }).await?;
        }
        if !early.stored {
            return Ok(());
        }
        for unmatched in self.context.door.find_unmatched(link.as_str(), message_id).await? {
            self.stage(Entry::Receipt { index: target.index, part: target.part, receipt: unmatched.receipt }).await?;
            self.staged.forget.push(unmatched.key());
        }
        Ok(())
    }

    /// A receipt for one of this campaign's recipients.
    pub(super) async fn receipt(&mut self, routed: Routed) -> Result<(), Stop> {
        let Routed { target, link, arrived, by_number } = routed;
        let channel = &self.campaign.parameters.channel;
        let kept: Box<str> = link_id::kept(channel, link.as_str(), arrived.receipt.message_id.as_str()).into();
        self.load(target.index / BLOCK_LEN).await?;
        let id = PackedMessageId::new(kept.as_bytes());
        let parts = self.book.row(target.index).map_or(&[][..], |row| &row.parts);
        let own = parts.iter().position(|part| part.message_id.as_ref() == Some(&id));
        let state = parts.get(usize::from(target.part)).map(|part| part.state);
        match own {
            Some(part) if part == usize::from(target.part) => self.apply(&link, target, arrived).await,
            // It repeats what was said of another part of this message: the uncertain one stays so.
            Some(part) if by_number => {
                let correlator = &self.context.correlator;
                if let Some(number) = arrived.receipt.recipient {
                    correlator.uncertain(link.as_str(), number.as_u64(), target, arrived.receipt.received_at_ms);
                }
                self.apply(&link, Target { part: part as u8, ..target }, arrived).await
            }
            None if by_number && state == Some(PartState::Uncertain) => {
                // The SMSC has it after all, under this id.
                let (index, part, at_ms) = (target.index, target.part, arrived.receipt.received_at_ms);
                self.stage(Entry::Outcome { index, part, at_ms, outcome: Outcome::Accepted { message_id: kept } })
                    .await?;
                self.apply(&link, target, arrived).await
            }
            _ => {
                self.context.correlator.disown(&link, arrived, target, Instant::now());
                Ok(())
            }
        }
    }

    /// Stages a receipt for the part whose id it names. It is acknowledged when it is durable, also when it only repeats
    /// what is known: the first one may be in the same batch.
    async fn apply(&mut self, link: &ChannelId, target: Target, arrived: Arrived) -> Result<(), Stop> {
        let Arrived { receipt, pending } = arrived;
        if receipt.is_final
            && let Some(sent_ms) = self.book.row(target.index).and_then(|row| row.submitted_at_ms)
        {
            metrics::delivered(link, receipt.received_at_ms.saturating_sub(sent_ms));
        }
        self.stage(Entry::Receipt { index: target.index, part: target.part, receipt: stored(&receipt) }).await?;
        self.staged.pending.extend(pending);
        if receipt.is_final {
            self.context.correlator.settled(link.as_str(), receipt.message_id.as_str(), target);
        }
        Ok(())
    }
}
