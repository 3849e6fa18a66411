//! What a program presents: `mc_` (a workspace's), `mci_` (the installation's) or `mcr_` (a person's, for the 10DLC
//! registry), 26 characters of randomness, and 7 of a checksum over what stands before them. Neither has characters that
//! are mistaken for each other (Crockford's base32), so that a key is known by its form:
//! `\bmc[ir]?_[0-9a-hjkmnp-tv-z]{33}\b` finds leaked ones, and the checksum tells a real one from a mistyped one without
//! asking anybody.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::{
    Error,
    access::{hex, random_bytes},
};

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// 130 bits, of which 128 are random.
const RANDOM_CHARACTERS: usize = 26;
/// 35 bits for the 32 of a CRC.
const CHECK_CHARACTERS: usize = 7;
/// Of the random part, kept with the key so that people tell keys apart; 98 bits stay unknown.
const SHOWN_CHARACTERS: usize = 6;

pub(crate) const OF_WORKSPACE: &str = "mc_";
pub(crate) const OF_INSTALLATION: &str = "mci_";
pub(crate) const OF_REGISTRY: &str = "mcr_";
const PREFIXES: [&str; 3] = [OF_INSTALLATION, OF_REGISTRY, OF_WORKSPACE];

/// The secret of a key. Never printed by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiSecret(String);

impl ApiSecret {
    pub(crate) fn new(prefix: &str) -> Result<Self, Error> {
        Ok(Self::of(prefix, u128::from_be_bytes(random_bytes()?)))
    }

    fn of(prefix: &str, random: u128) -> Self {
        let mut text = prefix.to_owned();
        push(&mut text, random, RANDOM_CHARACTERS);
        let check = crc32fast::hash(text.as_bytes());
        push(&mut text, u128::from(check), CHECK_CHARACTERS);
        Self(text)
    }

    /// What a program presents; it proves nothing until it is looked up.
    #[must_use]
    pub fn presented(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// For the one who made it, once.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// How it begins: enough to recognise it, too little to guess it.
    pub(crate) fn start(&self) -> String {
        let prefix = self.0.find('_').map_or(0, |at| at + 1);
        self.0.chars().take(prefix + SHOWN_CHARACTERS).collect()
    }

    /// SHA-256 in hexadecimal: all that is stored. A slow hash is for passwords, which people choose; 128 random bits are
    /// not guessed, however quick the hash is.
    pub(crate) fn hash(&self) -> String {
        hex(&Sha256::digest(self.0.as_bytes()))
    }

    /// Whether it has the form and the checksum of a key, ours or another installation's.
    #[must_use]
    pub fn is_well_formed(&self) -> bool {
        let random = PREFIXES.iter().find_map(|prefix| self.0.strip_prefix(prefix));
        let Some(rest) = random.filter(|rest| rest.len() == RANDOM_CHARACTERS + CHECK_CHARACTERS) else {
            return false;
        };
        let Some((body, check)) = self.0.split_at_checked(self.0.len() - CHECK_CHARACTERS) else { return false };
        let mut expected = String::new();
        push(&mut expected, u128::from(crc32fast::hash(body.as_bytes())), CHECK_CHARACTERS);
        rest.bytes().all(|character| ALPHABET.contains(&character)) && check == expected
    }
}

/// Appends the lowest bits of a number, five a character.
fn push(text: &mut String, number: u128, characters: usize) {
    for place in (0..characters).rev() {
        let five = (number.checked_shr(place as u32 * 5).unwrap_or(0) & 31) as usize;
        text.push(char::from(ALPHABET[five]));
    }
}

impl fmt::Debug for ApiSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_mistake_in_one_character_is_noticed(random: u128, place in 0_usize..33, other in 0_usize..32) {
            for prefix in PREFIXES {
                let secret = ApiSecret::of(prefix, random);
                prop_assert!(secret.is_well_formed());
                let mut letters = secret.reveal().as_bytes().to_vec();
                let place = prefix.len() + place;
                prop_assume!(letters[place] != ALPHABET[other]);
                letters[place] = ALPHABET[other];
                let mistyped = ApiSecret::presented(&String::from_utf8(letters).unwrap());
                prop_assert!(!mistyped.is_well_formed());
            }
        }

        #[test]
        fn different_bits_are_different_keys(one: u128, two: u128) {
            prop_assume!(one != two);
            prop_assert_ne!(ApiSecret::of(OF_WORKSPACE, one), ApiSecret::of(OF_WORKSPACE, two));
        }

        #[test]
        fn anything_may_be_presented(text in "\\PC{0,60}") {
            let presented = ApiSecret::presented(&text);
            prop_assert!(!presented.is_well_formed());
            prop_assert_eq!(presented.hash().len(), 64);
        }
    }

    #[test]
    fn the_form_stays() {
        // Programs and scanners know it; stored hashes are over it.
        let secret = ApiSecret::of(OF_WORKSPACE, 0x0123_4567_89ab_cdef_0123_4567_89ab_cdef);
        assert_eq!(secret.start(), secret.reveal()[..9]);
        assert_eq!(secret.reveal().len(), 36);
        assert!(secret.reveal().starts_with("mc_014d2pf2dbsqqg28t5cy4tqkff"), "{}", secret.reveal());
        assert!(ApiSecret::of(OF_INSTALLATION, 7).reveal().starts_with("mci_00000000000000000000000007"));
        assert_eq!(format!("{secret:?}"), "ApiSecret(…)");
    }

    #[test]
    fn a_key_of_the_workspace_is_none_of_the_installation() {
        let secret = ApiSecret::of(OF_WORKSPACE, 42);
        let renamed = secret.reveal().replace(OF_WORKSPACE, OF_INSTALLATION);
        assert!(!ApiSecret::presented(&renamed).is_well_formed());
    }
}
