//! The recipients of a campaign: packed blocks, not rows (`docs/ARCHITECTURE.md`, "Recipients are blocks").
//!
//! `recipients:[workspace, campaign, block]` holds what never changes (numbers, segments, merge values),
//! `recipient_states:[…]` what does, `recipient_counts:[…]` how many are in each state, `recipient_filters:[…]` which numbers
//! may be inside, `rejects:[…]` the lines of the file that are no recipients. Recipient `index` is row `index % BLOCK_LEN` of
//! block `index / BLOCK_LEN`; every block but the last is full.
//!
//! *Invariant*: full numbers leave this module for the engine, or against a proof of `RevealNumbers`; everybody else gets
//! the hash and the last digits.

mod block;
mod csv;
mod erase;
mod filter;
mod ingest;
mod message_id;
mod ordered;
mod packed;
mod read;
mod rejects;
mod rejects_read;
mod states;
mod write;

pub(crate) use self::write::{block_key, encode_numbers, encode_states};
pub use self::{
    block::{DoesNotFit, ERASED, RecipientBlock},
    csv::push_cell,
    filter::Filter,
    ingest::{Batch, Checkpoint, IngestPhase, commit_ingest, find_ingest, load_ingest, open_ingest},
    message_id::PackedMessageId,
    ordered::{Spread, SpreadStage, discard_order, fix_plan, load_spread, order_some, spread},
    packed::DecodeError,
    read::{Page, PageQuery, RecipientView, Reveal, Unfolded, find_by_number, page, sample_values},
    rejects::{Reject, RejectChunk},
    rejects_read::{RejectsCsv, rejects_page},
    states::{ErrorKind, PartState, PartStatus, RecipientStatus, SendError, StateBlock},
    write::{EncodedBlock, delete_all, load_block, load_rejects, load_states, replace_blocks},
};
pub(crate) use self::{
    block::{put_text, read_text},
    erase::Erasure,
    filter::{BITS_A_NUMBER, probes},
    packed::{Kind, Sealed, seal},
    read::values_of,
};

/// The field with what a program calls a recipient of a Trigger campaign. No merge field can have this name.
pub const REFERENCE_FIELD: &str = "{reference}";

/// Recipients in a full block.
pub const BLOCK_LEN: u32 = 4_096;
