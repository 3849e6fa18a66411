//! A small filter beside each block, so that a search by number reads no block that cannot hold it.
//!
//! A Bloom filter with 12 bits a number and 8 probes: it never misses, and is wrong about 3 blocks of 1,000. A binary
//! fuse filter would be a quarter smaller; this one can be built while numbers are added and has no build that fails.

use super::packed::{DecodeError, Kind, Sealed, seal};

const KIND: Kind = Kind { magic: b'F', version: 1 };
pub(crate) const BITS_A_NUMBER: usize = 12;
const PROBES: u64 = 8;
const OCTETS_MAX: usize = 64 << 10;

/// Which numbers a block may hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    bits: Vec<u8>,
}

impl Filter {
    #[must_use]
    pub fn of(numbers: &[u64]) -> Self {
        let mut bits = vec![0_u8; (numbers.len() * BITS_A_NUMBER).div_ceil(8).clamp(8, OCTETS_MAX)];
        let bit_count = bits.len() as u64 * 8;
        for &number in numbers {
            for bit in probes(number, bit_count) {
                bits[(bit / 8) as usize] |= 1 << (bit % 8);
            }
        }
        Self { bits }
    }

    /// False: certainly not in the block.
    #[must_use]
    pub fn may_hold(&self, number: u64) -> bool {
        probes(number, self.bits.len() as u64 * 8).all(|bit| self.bits[(bit / 8) as usize] & (1 << (bit % 8)) != 0)
    }

    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        seal(KIND, &[], &self.bits)
    }

    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let bits = Sealed::open(KIND, bytes)?.body()?.into_owned();
        if bits.is_empty() || bits.len() > OCTETS_MAX {
            return Err(DecodeError::Malformed);
        }
        Ok(Self { bits })
    }
}

/// Bit positions of a number: double hashing (Kirsch and Mitzenmacher 2006) over SplitMix64.
pub(crate) fn probes(number: u64, bit_count: u64) -> impl Iterator<Item = u64> {
    let mut hash = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    hash ^= hash >> 31;
    let (first, step) = (hash & 0xFFFF_FFFF, (hash >> 32) | 1);
    (0..PROBES).map(move |probe| {
        let mixed = first.wrapping_add(probe.wrapping_mul(step)) & 0xFFFF_FFFF;
        (mixed * bit_count) >> 32
    })
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    proptest! {
        #[test]
        fn a_number_of_the_block_is_never_missed(numbers in vec(any::<u64>(), 0..300)) {
            let filter = Filter::decode(&Filter::of(&numbers).encode()).unwrap();
            prop_assert!(numbers.iter().all(|&number| filter.may_hold(number)));
        }

        #[test]
        fn any_bytes_are_answered(bytes in vec(any::<u8>(), 0..200)) {
            let _ = Filter::decode(&bytes);
            if let Ok(filter) = Filter::decode(&seal(KIND, &[], &bytes)) {
                let _ = filter.may_hold(43_660_123_456);
            }
        }
    }

    #[test]
    fn it_is_wrong_less_than_once_in_a_hundred() {
        let numbers: Vec<u64> = (0..4_096).map(|i| 43_660_000_000 + i * 7).collect();
        let filter = Filter::of(&numbers);
        let wrong = (0..100_000).filter(|i| filter.may_hold(49_170_000_000 + i * 3)).count();
        assert!(wrong < 1_000, "{wrong} of 100,000");
    }
}
