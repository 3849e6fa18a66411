//! What a peer may send: a stream of PDUs, cut into frames, each read as everything that it could be.
#![no_main]

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use rusmpp_core::{decode::borrowed::DecodeWithLength, pdus::borrowed::DeliverSm as TheirDeliverSm};
use smpp::wire::{self, DeliverReceipt, DeliverSm, Destination, Frame, HEADER_OCTETS, SubmitSm};

/// Small, so that it is reached.
const LIMIT: u32 = 1024;

fuzz_target!(|stream: &[u8]| {
    let mut rest = stream;
    while let Ok(Some(frame)) = wire::next_frame(rest, LIMIT) {
        let octets = frame.octets();
        assert!((HEADER_OCTETS..=LIMIT as usize).contains(&octets));
        // Neither what has yet to arrive nor what follows changes what is read.
        assert_eq!(wire::next_frame(&rest[..octets - 1], LIMIT), Ok(None));
        assert_eq!(wire::next_frame(&rest[..octets], LIMIT), Ok(Some(frame)));
        read(&frame);
        rest = &rest[octets..];
    }
});

fn read(frame: &Frame<'_>) {
    let (id, _) = wire::octets_until_nul(frame.body);
    assert_eq!(*wire::message_id(frame.body), *String::from_utf8_lossy(id));

    let header = frame.header;
    let mut output = BytesMut::new();
    wire::header_only(&mut output, header.command_id, header.command_status, header.sequence);
    let written = wire::next_frame(&output, LIMIT).ok().flatten().expect("one frame");
    assert_eq!((written.header, written.octets()), (header, output.len()));

    let ours = DeliverSm::decode(frame.body);
    if let Ok((theirs, _)) = TheirDeliverSm::<16>::decode(frame.body, frame.body.len()) {
        let ours = ours.expect("what a strict decoder reads, a lenient one reads");
        assert_eq!(ours.source, theirs.source_addr.as_str().as_bytes());
        assert_eq!(ours.destination, theirs.destination_addr.as_str().as_bytes());
        assert_eq!(ours.esm_class, u8::from(theirs.esm_class));
        assert_eq!(ours.data_coding, u8::from(theirs.data_coding));
        if !theirs.short_message().bytes().is_empty() {
            assert_eq!(ours.content, theirs.short_message().bytes());
        }
    }
    if let Some(deliver) = ours {
        deliver.tlvs.into_iter().for_each(drop);
        let _ = smpp::receipt::parse(&deliver);
        written_as_one_pdu(&deliver);
    }
}

/// What was read can be written, cut to what fits, and read again.
fn written_as_one_pdu(deliver: &DeliverSm<'_>) {
    let (source, destination) = (cut(deliver.source, 20), cut(deliver.destination, 20));
    let content = cut(deliver.content, 254);
    let mut output = BytesMut::new();
    let pdu =
        DeliverReceipt { source: deliver.source, destination: deliver.destination, text: deliver.content, tlvs: None };
    wire::deliver_receipt(&mut output, 1, &pdu);
    let frame = wire::next_frame(&output, LIMIT).ok().flatten().expect("one frame");
    assert_eq!(frame.octets(), output.len());
    let again = DeliverSm::decode(frame.body).expect("a deliver_sm of our own");
    assert_eq!((again.source, again.destination, again.content), (source, destination, content));

    let mut output = BytesMut::new();
    let pdu = SubmitSm {
        source_ton: 5,
        source_npi: 0,
        source: deliver.source,
        destination_ton: 1,
        destination_npi: 1,
        destination: Destination::Text(deliver.destination),
        esm_class: deliver.esm_class,
        validity_period: deliver.source,
        registered_delivery: 1,
        data_coding: deliver.data_coding,
        header: &[],
        content: deliver.content,
        tlvs: &[],
    };
    wire::submit_sm(&mut output, 1, &pdu);
    let frame = wire::next_frame(&output, LIMIT).ok().flatten().expect("one frame");
    assert_eq!(frame.octets(), output.len());
    // A submit_sm has the mandatory fields of a deliver_sm.
    let again = DeliverSm::decode(frame.body).expect("a submit_sm of our own");
    assert_eq!((again.source, again.destination, again.content), (source, destination, content));
}

fn cut(octets: &[u8], limit: usize) -> &[u8] {
    &octets[..octets.len().min(limit)]
}
