//! Secrets that have to be read again, such as those of authenticators, under a key that is not in the database.
//!
//! Encrypt-then-MAC with HMAC-SHA-256 alone: a key stream of HMAC(key, nonce, counter), and a tag over the nonce, what it
//! belongs to and the ciphertext. The two keys are derived from the master key. What is sealed for one record cannot be
//! moved to another.

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use domain::ctn_hash::MasterKey;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::{Error, access::random_bytes};

const NONCE: usize = 16;
const TAG: usize = 32;

/// Seals and opens. Its keys are never printed.
pub(crate) struct Sealer {
    stream: Hmac<Sha256>,
    tag: Hmac<Sha256>,
    pseudonym: Hmac<Sha256>,
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer(…)")
    }
}

impl Sealer {
    pub(crate) fn new(master: &MasterKey) -> Self {
        Self {
            stream: keyed(master.derive("message-center/sealed/v1/stream")),
            tag: keyed(master.derive("message-center/sealed/v1/tag")),
            pseudonym: keyed(master.derive("message-center/recovery-code/v1")),
        }
    }

    /// `of` names what the secret belongs to.
    pub(crate) fn seal(&self, of: &str, secret: &[u8]) -> Result<String, Error> {
        let nonce = random_bytes::<NONCE>()?;
        let mut sealed = nonce.to_vec();
        sealed.extend(self.crypt(&nonce, secret));
        let tag = self.tagged(of, &sealed).finalize().into_bytes();
        sealed.extend_from_slice(&tag);
        Ok(STANDARD_NO_PAD.encode(sealed))
    }

    /// [`Error::Corrupt`] when it was changed, belongs to something else, or was sealed under another master key.
    pub(crate) fn open(&self, of: &str, sealed: &str) -> Result<Vec<u8>, Error> {
        let sealed = STANDARD_NO_PAD.decode(sealed).map_err(|_| Error::Corrupt)?;
        let (rest, tag) = sealed.len().checked_sub(TAG).map(|at| sealed.split_at(at)).ok_or(Error::Corrupt)?;
        self.tagged(of, rest).verify_slice(tag).map_err(|_| {
            tracing::error!("a sealed secret cannot be opened: it was changed, or the master key is another one");
            Error::Corrupt
        })?;
        let (nonce, secret) = rest.split_at_checked(NONCE).ok_or(Error::Corrupt)?;
        Ok(self.crypt(nonce, secret))
    }

    /// The form in which a recovery code is kept: whoever has the database alone cannot try codes.
    pub(crate) fn pseudonym(&self, of: &str, code: &str) -> String {
        let mut mac = self.pseudonym.clone();
        mac.update(&(of.len() as u64).to_be_bytes());
        mac.update(of.as_bytes());
        mac.update(code.as_bytes());
        crate::access::hex(&mac.finalize().into_bytes())
    }

    fn crypt(&self, nonce: &[u8], text: &[u8]) -> Vec<u8> {
        let blocks = text.chunks(32).zip(0_u32..);
        blocks
            .flat_map(|(chunk, counter)| {
                let mut mac = self.stream.clone();
                mac.update(nonce);
                mac.update(&counter.to_be_bytes());
                let key: [u8; 32] = mac.finalize().into_bytes().into();
                chunk.iter().zip(key).map(|(byte, key)| byte ^ key).collect::<Vec<u8>>()
            })
            .collect()
    }

    fn tagged(&self, of: &str, sealed: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.tag.clone();
        mac.update(&(of.len() as u64).to_be_bytes());
        mac.update(of.as_bytes());
        mac.update(sealed);
        mac
    }
}

fn keyed(key: [u8; 32]) -> Hmac<Sha256> {
    // HMAC fills a short key up to the hash function's block with zeros (RFC 2104).
    let mut block = [0; 64];
    block[..key.len()].copy_from_slice(&key);
    <Hmac<Sha256> as KeyInit>::new(&block.into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sealer(byte: u8) -> Sealer {
        Sealer::new(&MasterKey::from_bytes([byte; 32]))
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens_for_its_own_only(secret: Vec<u8>, at: prop::sample::Index) {
            let sealed = sealer(1).seal("ann", &secret).unwrap();
            prop_assert_eq!(sealer(1).open("ann", &sealed).unwrap(), secret);
            prop_assert!(sealer(1).open("bob", &sealed).is_err());
            prop_assert!(sealer(2).open("ann", &sealed).is_err());
            let mut bytes = STANDARD_NO_PAD.decode(&sealed).unwrap();
            let at = at.index(bytes.len());
            bytes[at] ^= 1;
            prop_assert!(sealer(1).open("ann", &STANDARD_NO_PAD.encode(&bytes)).is_err());
            prop_assert!(sealer(1).open("ann", &STANDARD_NO_PAD.encode(&bytes[..at])).is_err());
        }
    }

    #[test]
    fn the_same_secret_never_looks_the_same() {
        let sealer = sealer(1);
        assert_ne!(sealer.seal("ann", b"secret").unwrap(), sealer.seal("ann", b"secret").unwrap());
        assert_ne!(sealer.pseudonym("ann", "abcde"), sealer.pseudonym("bob", "abcde"));
    }
}
