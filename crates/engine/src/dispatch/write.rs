//! Making durable what happens: to the journal first, then in the background into the blocks.

use std::time::Instant;

use store::{
    Error,
    journal::{Appended, entry::Entry},
};
use tokio::time::sleep;

use super::{
    acknowledge::Pending,
    runner::{RETRY, Runner, Stop},
};
use crate::metrics;

impl Runner {
    /// Applies an entry to the account; it becomes durable with the next commit.
    pub(super) async fn stage(&mut self, entry: Entry) -> Result<(), Stop> {
        loop {
            match self.journal.apply(&mut self.book, std::slice::from_ref(&entry)).await {
                Ok(()) => break,
                // Only a block can have been missing: nothing is applied yet.
                Err(Error::Unavailable) => sleep(RETRY).await,
                Err(other) => return Err(other.into()),
            }
        }
        metrics::entry(self.campaign.parameters.mode, &entry);
        self.staged.entries.push(entry);
        Ok(())
    }

    /// Has a block of states in the account.
    pub(super) async fn load(&mut self, block: u32) -> Result<(), Stop> {
        while !self.book.is_loaded(block) {
            match self.journal.folded_states(&self.book, block).await {
                Ok(states) => self.book.load(block, states),
                Err(Error::Unavailable) => sleep(RETRY).await,
                Err(other) => return Err(other.into()),
            }
        }
        Ok(())
    }

    /// Makes durable what is staged; then the claims go to the Core and the carrier gets its answer.
    pub(super) async fn commit(&mut self) -> Result<(), Stop> {
        let mut staged = std::mem::take(&mut self.staged);
        staged.sent.sort_unstable();
        self.entries_since_fold += staged.entries.len() as u64;
        self.committed_at = Instant::now();
        let progress = *self.book.progress();
        let seq = loop {
            match self.journal.append_with(&staged.entries, progress, &staged.sent).await {
                Ok(Appended::Durable { seq }) => break seq,
                Ok(Appended::Fenced) => return Err(Stop::Lost),
                Err(Error::Unavailable | Error::Unknown) => {
                    tracing::error!(campaign = %self.key.campaign, "the journal cannot be written; trying again");
                    sleep(RETRY).await;
                }
                Err(other) => return Err(other.into()),
            }
        };
        if !staged.sent.is_empty() {
            self.remembered(seq);
        }
        if !staged.submissions.is_empty() {
            self.hand_over(staged.submissions);
        }
        staged.pending.into_iter().for_each(Pending::done);
        if !staged.forget.is_empty()
            && let Err(cause) = self.context.door.forget_unmatched(&staged.forget).await
        {
            tracing::warn!(%cause, "a matched receipt stays stored as unmatched");
        }
        Ok(())
    }

    /// Starts a fold when it is time, and takes in one that has ended. `now`: fold everything and wait for it.
    pub(super) async fn tend_fold(&mut self, now: bool) -> Result<(), Stop> {
        loop {
            let config = &self.context.config;
            let dirty = self.book.dirty_blocks();
            let crowded = dirty >= config.fold_blocks * 3;
            if let Some(task) = self.fold.take_if(|task| now || crowded || task.is_finished()) {
                let (folder, snapshot, result) = task.await.map_err(|_| Stop::Lost)?;
                self.folder = Some(folder);
                match result {
                    Ok(()) => self.book.folded(&snapshot, self.context.config.keep_blocks),
                    Err(Error::Moved) => return Err(Stop::Lost),
                    Err(other) => return Err(other.into()),
                }
                continue;
            }
            let due = dirty >= config.fold_blocks
                || self.entries_since_fold >= config.fold_entries
                || self.folded_at.elapsed() >= config.fold_interval
                || now;
            let something = dirty > 0 || self.entries_since_fold > 0;
            let Some(mut folder) = self.folder.take_if(|_| due && something) else {
                return Ok(());
            };
            let snapshot = self.book.snapshot();
            let seq = self.journal.position();
            self.entries_since_fold = 0;
            self.folded_at = Instant::now();
            let campaign = self.key.campaign;
            self.fold = Some(tokio::spawn(async move {
                tracing::debug!(%campaign, seq, blocks = snapshot.blocks.len(), "fold begins");
                let mut result = folder.fold(&snapshot, seq).await;
                while let Err(Error::Unavailable | Error::Unknown) = result {
                    sleep(RETRY).await;
                    result = folder.fold(&snapshot, seq).await;
                }
                tracing::debug!(%campaign, seq, "fold ended");
                (folder, snapshot, result)
            }));
            if !now {
                return Ok(());
            }
        }
    }

    /// Folds what is left and lets go of the campaign. What is still in the inbox goes to the next runner.
    pub(super) async fn close(mut self) {
        self.commands.close();
        let last = async {
            while let Ok(command) = self.commands.try_recv() {
                self.obey(command).await?;
            }
            if !self.staged.entries.is_empty() {
                self.commit().await?;
            }
            self.tend_fold(true).await
        };
        if let Err(stop) = last.await {
            tracing::error!(campaign = %self.key.campaign, ?stop, "the last fold failed; the journal keeps it");
            return;
        }
        if let Err(cause) = self.journal.release().await {
            tracing::warn!(campaign = %self.key.campaign, %cause, "the lease stays until it runs out");
        }
    }
}
