//! A part as a submit_sm.

use smpp::{
    Session,
    session::Transport,
    wire::{Destination, SubmitSm, tag},
};

use super::queue::Job;
use crate::{
    LongMessages,
    settings::{LinkSettings, registered_delivery},
};

/// esm_class with a user data header (SMPP 3.4 §5.2.12).
const UDHI: u8 = 0x40;

/// Jobs by token, without a map: tokens are places.
#[derive(Debug, Default)]
pub(super) struct Slots {
    jobs: Vec<Option<Job>>,
    free: Vec<usize>,
}

impl Slots {
    fn next(&self) -> u64 {
        self.free.last().copied().unwrap_or(self.jobs.len()) as u64
    }

    /// Puts the job where [`Slots::next`] said.
    fn put(&mut self, job: Job) {
        match self.free.pop() {
            Some(place) => self.jobs[place] = Some(job),
            None => self.jobs.push(Some(job)),
        }
    }

    pub fn take(&mut self, token: u64) -> Option<Job> {
        let place = usize::try_from(token).ok()?;
        let job = self.jobs.get_mut(place)?.take()?;
        self.free.push(place);
        Some(job)
    }
}

/// How a part says what it belongs to.
enum Belonging {
    Alone,
    Udh([u8; 6]),
    Sar {
        reference: [u8; 2],
        total: [u8; 1],
        part: [u8; 1],
    },
    /// Header and text.
    Payload(Vec<u8>),
}

impl Belonging {
    fn of(how: LongMessages, job: &Job, content: &[u8]) -> Self {
        let (total, part) = (job.parts() as u8, job.next_part + 1);
        // An element of three octets: concatenation with a reference of 8 bits.
        let header = [5, 0, 3, job.reference, total, part];
        match how {
            _ if total < 2 => Self::Alone,
            LongMessages::Udh => Self::Udh(header),
            LongMessages::Sar => {
                Self::Sar { reference: u16::from(job.reference).to_be_bytes(), total: [total], part: [part] }
            }
            LongMessages::MessagePayload => Self::Payload([&header, content].concat()),
        }
    }
}

/// Hands the current part of a job to the session; gives it back when the session takes nothing.
pub(super) fn submit(
    session: &mut Session<Transport>,
    slots: &mut Slots,
    settings: &LinkSettings,
    job: Job,
) -> Result<(), Job> {
    let submission = &job.submission;
    let Some(content) = submission.encoded.parts.get(usize::from(job.next_part)) else {
        return Err(job);
    };
    let belonging = Belonging::of(settings.long_messages, &job, content);
    let mut validity = [0; 16];
    let campaign = settings.tendlc_tlv.zip(submission.tendlc_campaign.as_ref());
    let tlvs: &[(u16, &[u8])] = match (&belonging, campaign) {
        (Belonging::Sar { reference, total, part }, Some((tag, id))) => &[
            (tag::SAR_MSG_REF_NUM, reference),
            (tag::SAR_TOTAL_SEGMENTS, total),
            (tag::SAR_SEGMENT_SEQNUM, part),
            (tag, id.as_str().as_bytes()),
        ],
        (Belonging::Sar { reference, total, part }, None) => {
            &[(tag::SAR_MSG_REF_NUM, reference), (tag::SAR_TOTAL_SEGMENTS, total), (tag::SAR_SEGMENT_SEQNUM, part)]
        }
        (Belonging::Payload(payload), Some((tag, id))) => {
            &[(tag::MESSAGE_PAYLOAD, payload), (tag, id.as_str().as_bytes())]
        }
        (Belonging::Payload(payload), None) => &[(tag::MESSAGE_PAYLOAD, payload)],
        (Belonging::Alone | Belonging::Udh(_), Some((tag, id))) => &[(tag, id.as_str().as_bytes())],
        (Belonging::Alone | Belonging::Udh(_), None) => &[],
    };
    let addressing = &*submission.addressing;
    let pdu = SubmitSm {
        source_ton: addressing.source_ton as u8,
        source_npi: addressing.source_npi as u8,
        source: addressing.saddr.as_str().as_bytes(),
        destination_ton: addressing.destination_ton as u8,
        destination_npi: addressing.destination_npi as u8,
        destination: Destination::Number(submission.destination.as_u64()),
        esm_class: if matches!(belonging, Belonging::Udh(_) | Belonging::Payload(_)) { UDHI } else { 0 },
        validity_period: submission.validity_minutes.map_or(&[], |minutes| relative(minutes, &mut validity)),
        registered_delivery: registered_delivery(settings.receipts),
        data_coding: submission.encoded.data_coding,
        header: if let Belonging::Udh(header) = &belonging { header } else { &[] },
        content: if matches!(belonging, Belonging::Payload(_)) { &[] } else { content },
        tlvs,
    };
    match session.submit(slots.next(), &pdu) {
        Ok(()) => {
            slots.put(job);
            Ok(())
        }
        Err(_) => Err(job),
    }
}

/// A relative time, `YYMMDDhhmmsstnnR` (SMPP 3.4 §7.1.1.2), of at least a minute and at most 31 days.
fn relative(minutes: u32, text: &mut [u8; 16]) -> &[u8] {
    let minutes = minutes.clamp(1, 31 * 24 * 60);
    *text = *b"000000000000000R";
    for (place, value) in [(4, minutes / (24 * 60)), (6, minutes / 60 % 24), (8, minutes % 60)] {
        text[place] = b'0' + (value / 10) as u8;
        text[place + 1] = b'0' + (value % 10) as u8;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn validity_is_a_relative_time() {
        let mut text = [0; 16];
        assert_eq!(relative(7 * 24 * 60, &mut text), b"000007000000000R");
        assert_eq!(relative(61, &mut text), b"000000010100000R");
        assert_eq!(relative(0, &mut text), b"000000000100000R");
        assert_eq!(relative(u32::MAX, &mut text), b"000031000000000R");
    }
}
