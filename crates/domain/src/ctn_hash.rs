//! The pseudonym of a recipient's number: what pages, exports and the audit log show instead of it.
//!
//! A plain hash of a phone number is reversed by trying all numbers, so it is keyed: HMAC-SHA-256 with a key outside
//! the database. Each workspace has a key of its own, so that hashes of two tenants cannot be compared.

use std::{fmt, str::FromStr};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::{id::WorkspaceId, phone::PhoneNumber};

/// Separates these derivations from any other use of the master key.
const WORKSPACE_LABEL: &[u8] = b"message-center/ctn-hash/v1/workspace";

/// Longer than a number: no text is hashed as one.
const TEXT_LABEL: &[u8] = b"message-center/text-hash/v1";

/// The installation's key, from a file or the environment.
#[derive(Clone)]
pub struct MasterKey([u8; 32]);

/// The key of one workspace, ready for many numbers.
#[derive(Clone)]
pub struct WorkspaceKey(Hmac<Sha256>);

/// The keyed hash of one number; shown as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CtnHash([u8; 32]);

/// The text is not 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a recipient hash: 64 hexadecimal digits are expected")]
pub struct InvalidCtnHash;

impl MasterKey {
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    #[must_use]
    pub fn for_workspace(&self, workspace: WorkspaceId) -> WorkspaceKey {
        let mut derivation = keyed(&self.0);
        derivation.update(WORKSPACE_LABEL);
        derivation.update(workspace.as_uuid().as_bytes());
        let key: [u8; 32] = derivation.finalize().into_bytes().into();
        WorkspaceKey(keyed(&key))
    }

    /// A key for another use, which its label names; labels begin with `message-center/`.
    #[must_use]
    pub fn derive(&self, label: &str) -> [u8; 32] {
        let mut derivation = keyed(&self.0);
        derivation.update(label.as_bytes());
        derivation.finalize().into_bytes().into()
    }
}

impl WorkspaceKey {
    #[must_use]
    pub fn ctn_hash(&self, number: PhoneNumber) -> CtnHash {
        let mut mac = self.0.clone();
        mac.update(&number.as_u64().to_be_bytes());
        CtnHash(mac.finalize().into_bytes().into())
    }

    /// A short hash of a message's text, to know it again by. Keyed, too: a code of six digits is found by trying all.
    #[must_use]
    pub fn text_hash(&self, text: &str) -> u32 {
        let mut mac = self.0.clone();
        mac.update(TEXT_LABEL);
        mac.update(text.as_bytes());
        let hash: [u8; 32] = mac.finalize().into_bytes().into();
        u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]])
    }
}

fn keyed(key: &[u8; 32]) -> Hmac<Sha256> {
    // HMAC fills a short key up to the hash function's block with zeros (RFC 2104).
    let mut block = [0; 64];
    block[..key.len()].copy_from_slice(key);
    <Hmac<Sha256> as KeyInit>::new(&block.into())
}

impl CtnHash {
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for CtnHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for CtnHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CtnHash({self})")
    }
}

impl FromStr for CtnHash {
    type Err = InvalidCtnHash;

    fn from_str(text: &str) -> Result<Self, InvalidCtnHash> {
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return Err(InvalidCtnHash);
        }
        let nibble = |c: u8| char::from(c).to_digit(16).and_then(|n| u8::try_from(n).ok()).ok_or(InvalidCtnHash);
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
        }
        Ok(Self(bytes))
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

impl fmt::Debug for WorkspaceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WorkspaceKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn number(digits: u64) -> PhoneNumber {
        PhoneNumber::from_u64(digits).unwrap()
    }

    fn key(master: u8, workspace: u128) -> WorkspaceKey {
        MasterKey::from_bytes([master; 32]).for_workspace(WorkspaceId::from_uuid(Uuid::from_u128(workspace)))
    }

    #[test]
    fn is_stable() {
        // Stored hashes must still match after an upgrade; computed with Python's hmac module.
        let hash = key(7, 1).ctn_hash(number(436_641_234_567));
        assert_eq!(hash.to_string(), "bc411a69f7a743d343f331682d4499451fe676991f23f49c7aa76bd48aebba84");
        assert_eq!(hash.to_string().parse(), Ok(hash));
    }

    #[test]
    fn differs_by_number_workspace_and_master_key() {
        let hash = key(7, 1).ctn_hash(number(436_641_234_567));
        assert_ne!(hash, key(7, 1).ctn_hash(number(436_641_234_568)));
        assert_ne!(hash, key(7, 2).ctn_hash(number(436_641_234_567)));
        assert_ne!(hash, key(8, 1).ctn_hash(number(436_641_234_567)));
    }

    #[test]
    fn keys_are_not_printed() {
        assert_eq!(format!("{:?}", MasterKey::from_bytes([65; 32])), "MasterKey(…)");
        assert_eq!(format!("{:?}", key(65, 1)), "WorkspaceKey(…)");
    }

    #[test]
    fn refuses_what_is_no_hash() {
        for bad in ["", "00", &"g".repeat(64), &"0".repeat(63), &"0".repeat(65), &"é".repeat(32)] {
            assert_eq!(bad.parse::<CtnHash>(), Err(InvalidCtnHash), "{bad}");
        }
    }
}
