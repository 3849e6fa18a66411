//! Owning a journal: taking it over, and appending to it.

use domain::{campaign::Progress, id::CampaignId};

use super::{
    Folder, Head, block_len,
    book::{Book, Totals},
    entry::{self, Batch, Entry},
    fold::{self, Folded},
    head_key, record_key, states_key,
};
use crate::{
    Error, SystemScope,
    access::{hex, random_bytes},
    db::{Abort, Tx},
    policies::history::{Entry as Sent, claims_key, shard::encode as encode_sent},
    recipients::{RecipientBlock, StateBlock, load_block},
};

/// An engine that owns campaigns: new with every start of a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    id: String,
    /// How long it may be silent before another engine may take its campaigns.
    pub lease_ms: i64,
    /// Nobody else can have the database open (it is embedded): whoever held a lease is gone.
    pub alone: bool,
}

impl Owner {
    pub fn new(lease_ms: i64, alone: bool) -> Result<Self, Error> {
        Ok(Self { id: hex(&random_bytes::<16>()?), lease_ms, alone })
    }
}

/// The owner's end of one campaign's journal.
#[derive(Debug)]
pub struct Journal {
    scope: SystemScope,
    campaign: CampaignId,
    lease_ms: i64,
    head: Head,
}

/// A journal taken over: the account is what the blocks and the journal say.
#[derive(Debug)]
pub struct Acquired {
    pub journal: Journal,
    pub folder: Folder,
    pub book: Book,
}

/// How an append ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appended {
    /// Durable as record `seq`.
    Durable { seq: u64 },
    /// Another owner has taken over: nothing was written, and nothing ever will be.
    Fenced,
}

impl Journal {
    /// Takes the journal of a campaign of `recipients`. None: another owner is alive.
    pub async fn acquire(
        scope: &SystemScope,
        campaign: CampaignId,
        recipients: u32,
        owner: &Owner,
    ) -> Result<Option<Acquired>, Error> {
        let inner = scope.inner();
        let workspace = scope.workspace_id();
        let now_ms = scope.now_ms();
        let known: Option<Head> = inner.db.get(head_key(workspace, campaign)).await?;
        let held = known.as_ref().is_some_and(|head| head.owner != owner.id && head.until_ms > now_ms);
        if held && !owner.alone {
            return Ok(None);
        }
        let folded: Option<Folded> = inner.db.get(fold::key(workspace, campaign)).await?;
        let waiting = Progress { waiting: u64::from(recipients), ..Progress::default() };
        let before = known.as_ref().map(|head| head.revision);
        let head = Head {
            owner: owner.id.clone(),
            fence: known.as_ref().map_or(1, |head| head.fence + 1),
            until_ms: now_ms + owner.lease_ms,
            next_seq: known.as_ref().map_or(1, |head| head.next_seq),
            live: known.as_ref().map_or(waiting, |head| head.live),
            revision: before.unwrap_or(0) + 1,
        };
        let next = match &folded {
            Some(folded) => Folded { revision: folded.revision + 1, ..folded.clone() },
            None => Folded::new(recipients),
        };
        let taken = inner
            .db
            .transact(|| {
                let mut tx = Tx::new();
                match before {
                    Some(revision) => tx.compare_and_set(head_key(workspace, campaign), revision, &head),
                    None => tx.create(head_key(workspace, campaign), &head),
                }
                match &folded {
                    Some(folded) => tx.compare_and_set(fold::key(workspace, campaign), folded.revision, &next),
                    None => tx.create(fold::key(workspace, campaign), &next),
                }
                tx
            })
            .await;
        match taken {
            Ok(()) => {}
            // Somebody else was quicker.
            Err(Abort::Stale | Abort::Exists | Abort::Conflict) => return Ok(None),
            Err(other) => return Err(other.into()),
        }
        let journal = Self { scope: scope.clone(), campaign, lease_ms: owner.lease_ms, head };
        let mut book = Book::new(next.recipients, Totals::from(&next));
        journal.replay(&mut book, next.seq).await?;
        let folder = Folder::new(scope.clone(), campaign, next);
        Ok(Some(Acquired { journal, folder, book }))
    }

    /// Applies the records after the latest fold.
    async fn replay(&self, book: &mut Book, folded_seq: u64) -> Result<(), Error> {
        let damaged = |what: &str, seq: u64| {
            tracing::error!(campaign = %self.campaign, seq, "journal cannot be replayed: {what}");
            Error::Corrupt
        };
        for seq in folded_seq + 1..self.head.next_seq {
            let bytes = self
                .scope
                .inner()
                .db
                .get_bytes(record_key(self.scope.workspace_id(), self.campaign, seq))
                .await?
                .ok_or_else(|| damaged("a record is missing", seq))?;
            let batch = Batch::decode(&bytes).map_err(|cause| damaged(&cause.to_string(), seq))?;
            self.apply(book, &batch.entries).await?;
            if *book.progress() != batch.progress {
                return Err(damaged("the figures do not match", seq));
            }
        }
        if *book.progress() == self.head.live { Ok(()) } else { Err(damaged("the figures do not match its head", 0)) }
    }

    /// Applies entries to the account, with the blocks that they need. They become durable by [`Journal::append`].
    pub async fn apply(&self, book: &mut Book, entries: &[Entry]) -> Result<(), Error> {
        for block in book.missing(entries) {
            book.load(block, self.folded_states(book, block).await?);
        }
        if let Some(block) = book.missing_numbers(entries) {
            book.load_numbers(block, self.folded_numbers(block).await?);
        }
        for entry in entries {
            book.apply(entry).map_err(|cause| {
                tracing::error!(campaign = %self.campaign, %cause, "an entry cannot be applied");
                Error::Corrupt
            })?;
        }
        Ok(())
    }

    /// A block as it was folded last, with as many recipients as the account has in it.
    pub async fn folded_states(&self, book: &Book, block: u32) -> Result<StateBlock, Error> {
        let key = states_key(self.scope.workspace_id(), self.campaign, block);
        let len = block_len(book.recipients(), block);
        match self.scope.inner().db.get_bytes(key).await? {
            Some(bytes) => {
                let mut states = StateBlock::decode(&bytes)?;
                states.grow(len);
                Ok(states)
            }
            None => Ok(StateBlock::waiting(len)),
        }
    }

    /// The numbers of a block that was folded and is not full.
    async fn folded_numbers(&self, block: u32) -> Result<RecipientBlock, Error> {
        load_block(&self.scope, self.campaign, block).await?.ok_or_else(|| {
            tracing::error!(campaign = %self.campaign, block, "a block of numbers is missing");
            Error::Corrupt
        })
    }

    /// Makes entries durable, after which the figures are `live`. A database that cannot be used is an error, and the
    /// same entries may be appended again: whether the first attempt did commit is looked up.
    pub async fn append(&mut self, entries: &[Entry], live: Progress) -> Result<Appended, Error> {
        self.append_with(entries, live, &[]).await
    }

    /// The same, together with what the claims among the entries are remembered by: each in its order, sorted.
    pub async fn append_with(&mut self, entries: &[Entry], live: Progress, sent: &[Sent]) -> Result<Appended, Error> {
        let workspace = self.scope.workspace_id();
        let seq = self.head.next_seq;
        let bytes = bytes::Bytes::from(entry::encode(self.head.fence, &live, entries));
        let next = self.next_head(seq + 1, live);
        let record = record_key(workspace, self.campaign, seq);
        let remembered = (!sent.is_empty())
            .then(|| (claims_key(workspace, self.campaign, seq), bytes::Bytes::from(encode_sent(sent))));
        let committed = self
            .scope
            .inner()
            .db
            .transact(|| {
                let mut tx = Tx::new();
                tx.create_bytes(record.clone(), bytes.clone());
                if let Some((key, bytes)) = &remembered {
                    tx.create_bytes(key.clone(), bytes.clone());
                }
                tx.compare_and_set(head_key(workspace, self.campaign), self.head.revision, &next);
                tx
            })
            .await;
        self.moved_to(next, committed, Appended::Durable { seq }).await
    }

    /// Shows that the owner is alive while there is nothing to append.
    pub async fn renew(&mut self) -> Result<Appended, Error> {
        self.touch(self.lease_ms).await
    }

    /// Lets another owner take over at once.
    pub async fn release(mut self) -> Result<(), Error> {
        self.touch(0).await.map(drop)
    }

    async fn touch(&mut self, lease_ms: i64) -> Result<Appended, Error> {
        let seq = self.head.next_seq;
        let mut next = self.next_head(seq, self.head.live);
        next.until_ms = self.scope.now_ms() + lease_ms;
        let key = head_key(self.scope.workspace_id(), self.campaign);
        let committed = self
            .scope
            .inner()
            .db
            .transact(|| {
                let mut tx = Tx::new();
                tx.compare_and_set(key.clone(), self.head.revision, &next);
                tx
            })
            .await;
        self.moved_to(next, committed, Appended::Durable { seq }).await
    }

    fn next_head(&self, next_seq: u64, live: Progress) -> Head {
        let until_ms = self.scope.now_ms() + self.lease_ms;
        Head {
            owner: self.head.owner.clone(),
            fence: self.head.fence,
            until_ms,
            next_seq,
            live,
            revision: self.head.revision + 1,
        }
    }

    /// Reads the answer of a commit; where there is none, the head tells what happened.
    async fn moved_to(&mut self, next: Head, committed: Result<(), Abort>, done: Appended) -> Result<Appended, Error> {
        let failure = match committed {
            Ok(()) => {
                self.advance(next);
                return Ok(done);
            }
            Err(abort) => abort,
        };
        let key = head_key(self.scope.workspace_id(), self.campaign);
        let stored: Option<Head> = self.scope.inner().db.get(key).await?;
        match stored {
            Some(stored) if stored == next => {
                self.advance(next);
                Ok(done)
            }
            Some(stored) if stored == self.head => Err(failure.into()),
            Some(_) | None => Ok(Appended::Fenced),
        }
    }

    /// The head is stored, and lists show its figures.
    fn advance(&mut self, head: Head) {
        self.head = head;
        self.scope.inner().indexes.noted(self.scope.workspace_id(), self.campaign, self.head.live);
    }

    /// The number of the latest record; 0: none yet.
    #[must_use]
    pub const fn position(&self) -> u64 {
        self.head.next_seq - 1
    }
}
