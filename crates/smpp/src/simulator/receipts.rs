//! A receipt as text: SMPP 3.4 appendix B.

use std::io::Write;

use bytes::BytesMut;

use super::{
    account::Owed,
    behaviour::{ReceiptStyle, Receipts},
};
use crate::{
    receipt::ReceiptState,
    wire::{self, DeliverReceipt},
};

/// Dates of receipts, made once per second.
#[derive(Debug, Default)]
pub(super) struct Dates {
    second: i64,
    text: [u8; 10],
}

impl Dates {
    /// `YYMMDDhhmm` in UTC.
    pub fn at(&mut self, second: i64) -> [u8; 10] {
        if second != self.second || self.text[0] == 0 {
            self.second = second;
            self.text = date(second);
        }
        self.text
    }
}

/// Writes the deliver_sm of a receipt.
pub(super) fn write(
    output: &mut BytesMut,
    sequence: u32,
    owed: &Owed,
    receipts: &Receipts,
    dates: &mut (Dates, Dates),
    done_at_s: i64,
) {
    let id = owed.message_id.to_string();
    let mut text = [0; 160];
    let mut rest = &mut text[..];
    let delivered = u8::from(owed.state == ReceiptState::Delivered);
    let head = [b"id:", id.as_bytes(), b" sub:001 dlvrd:00", &[b'0' + delivered], b" submit date:"];
    let body = [&dates.0.at(owed.submitted_at_s)[..], b" done date:", &dates.1.at(done_at_s), b" stat:"];
    let tail = [owed.state.stat().as_bytes(), b" err:"];
    let error =
        [b'0' + (owed.error / 100 % 10) as u8, b'0' + (owed.error / 10 % 10) as u8, b'0' + (owed.error % 10) as u8];
    for piece in head.iter().chain(&body).chain(&tail).copied().chain([&error[..], b" text:"]) {
        // 160 octets are enough for an id of 20 digits; a longer piece would be cut.
        let _ = rest.write(piece);
    }
    let unused = rest.len();
    let length = text.len() - unused;
    wire::deliver_receipt(
        output,
        sequence,
        &DeliverReceipt {
            source: owed.recipient.as_bytes(),
            destination: owed.sender.as_bytes(),
            text: &text[..length],
            tlvs: match receipts.style {
                ReceiptStyle::TextAndTlvs => Some((&id, owed.state, owed.error)),
                ReceiptStyle::Text => None,
            },
        },
    );
}

/// The civil date of a Unix second (days-to-civil of H. Hinnant, for dates after 1970).
fn date(second: i64) -> [u8; 10] {
    let second = second.max(0);
    let (days, of_day) = (second / 86_400, second % 86_400);
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let mut text = [0; 10];
    for (place, value) in [year % 100, month, day, of_day / 3_600, of_day / 60 % 60].into_iter().enumerate() {
        text[2 * place] = b'0' + (value / 10) as u8;
        text[2 * place + 1] = b'0' + (value % 10) as u8;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        assert_eq!(&date(0), b"7001010000");
        assert_eq!(&date(951_782_399), b"0002282359");
        assert_eq!(&date(951_782_400), b"0002290000");
        assert_eq!(&date(1_795_206_840), b"2611202034");
    }
}
