//! When a certificate ends (RFC 5280 §4.1.2.5), and a list of revoked ones (§5.1.2.5). What checks them has no use for the
//! mere date, so it is read here.

use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, pem::PemObject};

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
/// `[0]`, the version of a certificate.
const VERSION: u8 = 0xA0;

/// The first certificate of a PEM file ends then, in seconds since the epoch; None: it has none that can be read.
#[must_use]
pub fn end_s(pem: &[u8]) -> Option<i64> {
    not_after_s(&CertificateDer::from_pem_slice(pem).ok()?)
}

/// Of the revocation lists of a PEM file the first is out of date then, in seconds since the epoch; None: there is none that
/// can be read, or none says it.
#[must_use]
pub fn first_list_end_s(pem: &[u8]) -> Option<i64> {
    let lists = CertificateRevocationListDer::pem_slice_iter(pem);
    lists.filter_map(|list| next_update_s(&list.ok()?)).min()
}

fn next_update_s(der: &[u8]) -> Option<i64> {
    let list = Reader(der).take(SEQUENCE)?;
    let mut signed = Reader(Reader(list).take(SEQUENCE)?);
    if signed.0.first() == Some(&INTEGER) {
        signed.take(INTEGER)?;
    }
    // The algorithm of the signature, and who issued it.
    signed.take(SEQUENCE)?;
    signed.take(SEQUENCE)?;
    signed.time()?;
    signed.time()
}

fn not_after_s(der: &[u8]) -> Option<i64> {
    let certificate = Reader(der).take(SEQUENCE)?;
    let mut signed = Reader(Reader(certificate).take(SEQUENCE)?);
    if signed.0.first() == Some(&VERSION) {
        signed.take(VERSION)?;
    }
    signed.take(INTEGER)?;
    // The algorithm of the signature, and who issued it.
    signed.take(SEQUENCE)?;
    signed.take(SEQUENCE)?;
    let mut validity = Reader(signed.take(SEQUENCE)?);
    validity.time()?;
    validity.time()
}

/// DER, element by element.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// The content of the next element, if it is of this kind.
    fn take(&mut self, kind: u8) -> Option<&'a [u8]> {
        let (found, rest) = self.0.split_first()?;
        if *found != kind {
            return None;
        }
        let (first, rest) = rest.split_first()?;
        let (length, rest) = match first {
            short @ 0..=0x7F => (usize::from(*short), rest),
            long @ 0x81..=0x84 => {
                let (octets, rest) = rest.split_at_checked(usize::from(long & 0x7F))?;
                (octets.iter().fold(0, |length, octet| (length << 8) | usize::from(*octet)), rest)
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some(content)
    }

    /// `YYMMDDhhmmssZ` or `YYYYMMDDhhmmssZ`.
    fn time(&mut self) -> Option<i64> {
        let kind = *self.0.first()?;
        let text = str::from_utf8(self.take(kind)?).ok()?.strip_suffix('Z')?;
        let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
        let (year, at) = match kind {
            // Two digits below 50 are of this century.
            UTC_TIME => (number(0, 2).map(|year| if year < 50 { 2_000 + year } else { 1_900 + year })?, 2),
            GENERALIZED_TIME => (number(0, 4)?, 4),
            _ => return None,
        };
        let part = |place: usize| number(at + 2 * place, at + 2 * place + 2);
        let days = days_since_epoch(year, part(0)?, part(1)?);
        Some(((days * 24 + part(2)?) * 60 + part(3)?) * 60 + part(4)?)
    }
}

/// Of the Gregorian calendar; March is taken as the first month, so that the leap day is the last of a year.
const fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_certificate_is_read() {
        // As `openssl x509 -enddate` says of the certificate that the tests of TLS use.
        let end = end_s(include_bytes!("../../../server/tests/tls/first.crt"));
        assert_eq!(end, Some(4_950_990_379));
        for broken in ["", "nonsense", "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"] {
            assert_eq!(end_s(broken.as_bytes()), None, "{broken}");
        }
    }

    #[test]
    fn days_are_counted_over_leap_years() {
        for (date, days) in
            [((1970, 1, 1), 0), ((2000, 2, 29), 11_016), ((2026, 11, 29), 20_786), ((2100, 3, 1), 47_541)]
        {
            assert_eq!(days_since_epoch(date.0, date.1, date.2), days, "{date:?}");
        }
    }

    #[test]
    fn both_forms_of_a_time_are_read() {
        let utc = [&[UTC_TIME, 13][..], b"261129120000Z"].concat();
        assert_eq!(Reader(&utc).time(), Some(1_795_953_600));
        let generalized = [&[GENERALIZED_TIME, 15][..], b"20261129120000Z"].concat();
        assert_eq!(Reader(&generalized).time(), Some(1_795_953_600));
        for broken in [&b"261129120000"[..], b"2611", b""] {
            let mut element = vec![UTC_TIME, broken.len() as u8];
            element.extend(broken);
            assert_eq!(Reader(&element).time(), None);
        }
    }
}
