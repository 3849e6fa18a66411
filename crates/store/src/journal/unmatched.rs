//! Receipts whose message is not known (yet), kept before they are acknowledged: once the carrier has its answer, this
//! is the only copy.

use std::ops::Bound;

use sha2::{Digest, Sha256};
use surrealdb::types::{Bytes, RecordId, RecordIdKey, RecordIdKeyRange, Variables};

use super::{
    entry::{Receipt, ReceiptState},
    wire::{Reader, put_i64, put_u64},
};
use crate::{
    Error, SystemDoor,
    access::hex,
    db::{Tx, corrupt, key},
};

const TABLE: &str = "unmatched_receipts";
const VERSION: u8 = 1;
/// Receipts written or deleted in one transaction.
pub const UNMATCHED_BATCH_MAX: usize = 1_000;

/// A receipt of a message that no campaign knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmatched {
    /// The link it came by.
    pub channel: String,
    /// Normalised, as the link does it.
    pub message_id: String,
    /// Whom the part was sent to, if the receipt says it: E.164 digits.
    pub recipient: Option<u64>,
    pub receipt: Receipt,
}

/// The same receipt twice has the same key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UnmatchedKey(String);

impl Unmatched {
    #[must_use]
    pub fn key(&self) -> UnmatchedKey {
        let mut hasher = Sha256::new();
        hasher.update(self.channel.as_bytes());
        hasher.update([0]);
        hasher.update(self.message_id.as_bytes());
        hasher.update([0, self.receipt.state as u8, u8::from(self.receipt.is_final)]);
        UnmatchedKey(hex(&hasher.finalize()[..16]))
    }

    fn encode(&self) -> Vec<u8> {
        let mut out = vec![VERSION, self.receipt.state as u8, u8::from(self.receipt.is_final)];
        put_u64(&mut out, self.receipt.error.map_or(0, |error| u64::from(error) + 1));
        put_i64(&mut out, self.receipt.at_ms);
        put_u64(&mut out, self.recipient.unwrap_or(0));
        for text in [&self.channel, &self.message_id] {
            put_u64(&mut out, text.len() as u64);
            out.extend_from_slice(text.as_bytes());
        }
        out
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        if reader.u8()? != VERSION {
            return None;
        }
        let state = ReceiptState::from_stored(reader.u8()?)?;
        let is_final = reader.u8()? == 1;
        let error = match reader.u64()? {
            0 => None,
            error => Some(u32::try_from(error - 1).ok()?),
        };
        let receipt = Receipt { state, is_final, error, at_ms: reader.i64()? };
        let recipient = Some(reader.u64()?).filter(|&number| number != 0);
        let mut text = || -> Option<String> {
            let length = usize::try_from(reader.u64()?).ok()?;
            std::str::from_utf8(reader.bytes(length)?).ok().map(str::to_owned)
        };
        Some(Self { channel: text()?, message_id: text()?, recipient, receipt })
    }
}

fn record(key: &UnmatchedKey) -> RecordId {
    key::global(TABLE, &key.0)
}

impl SystemDoor {
    /// Makes receipts durable that no campaign knows.
    pub async fn keep_unmatched(&self, receipts: &[Unmatched]) -> Result<(), Error> {
        for chunk in receipts.chunks(UNMATCHED_BATCH_MAX) {
            let rows: Vec<_> =
                chunk.iter().map(|receipt| (record(&receipt.key()), bytes::Bytes::from(receipt.encode()))).collect();
            self.inner()
                .db
                .transact(|| {
                    let mut tx = Tx::new();
                    for (key, bytes) in &rows {
                        tx.put_bytes(key.clone(), bytes.clone());
                    }
                    tx
                })
                .await?;
        }
        Ok(())
    }

    /// Receipts that no campaign knew when they came, in the order of their keys from behind `after` on: at most
    /// [`UNMATCHED_BATCH_MAX`], and none at the end.
    pub async fn unmatched_after(&self, after: Option<&UnmatchedKey>) -> Result<Vec<Unmatched>, Error> {
        let start = after.map_or(Bound::Unbounded, |key| Bound::Excluded(RecordIdKey::String(key.0.clone())));
        let range = RecordId::new(TABLE, RecordIdKeyRange { start, end: Bound::Unbounded });
        let mut vars = Variables::new();
        vars.insert("range", range);
        vars.insert("limit", UNMATCHED_BATCH_MAX as i64);
        let sql = "SELECT VALUE bytes FROM (SELECT id, bytes FROM $range ORDER BY id LIMIT $limit)";
        let mut answer = self.inner().db.read(sql, vars).await?;
        let rows: Vec<Bytes> = answer.take(0).map_err(corrupt)?;
        rows.into_iter().map(|bytes| Unmatched::decode(&bytes.into_inner()).ok_or(Error::Corrupt)).collect()
    }

    /// The stored receipts of one message.
    pub async fn find_unmatched(&self, channel: &str, message_id: &str) -> Result<Vec<Unmatched>, Error> {
        let mut found = Vec::new();
        for state in ReceiptState::ALL {
            for is_final in [false, true] {
                let receipt = Receipt { state, is_final, error: None, at_ms: 0 };
                let (channel, message_id) = (channel.to_owned(), message_id.to_owned());
                let key = Unmatched { channel, message_id, recipient: None, receipt }.key();
                if let Some(bytes) = self.inner().db.get_bytes(record(&key)).await? {
                    found.push(Unmatched::decode(&bytes).ok_or(Error::Corrupt)?);
                }
            }
        }
        found.sort_by_key(|unmatched| (unmatched.receipt.is_final, unmatched.receipt.at_ms));
        Ok(found)
    }

    /// Forgets receipts that have found their message, or are too old to.
    pub async fn forget_unmatched(&self, keys: &[UnmatchedKey]) -> Result<(), Error> {
        for chunk in keys.chunks(UNMATCHED_BATCH_MAX) {
            self.inner()
                .db
                .transact(|| {
                    let mut tx = Tx::new();
                    for key in chunk {
                        tx.delete(record(key));
                    }
                    tx
                })
                .await?;
        }
        Ok(())
    }
}
