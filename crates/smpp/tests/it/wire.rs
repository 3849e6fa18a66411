//! Our own encoder and decoder against `rusmpp-core`, which others wrote.

use bytes::BytesMut;
use proptest::prelude::*;
use rusmpp_core::{
    decode::borrowed::DecodeWithLength,
    pdus::borrowed::{BindTransceiver, DeliverSm as TheirDeliverSm, SubmitSm as TheirSubmitSm},
};
use smpp::{
    Bind, BindRole, Password, ReceiptState,
    wire::{self, DeliverReceipt, DeliverSm, Destination, SubmitSm},
};

fn body(pdu: &BytesMut) -> &[u8] {
    let frame = wire::next_frame(pdu, u32::MAX).unwrap().unwrap();
    assert_eq!(frame.octets(), pdu.len());
    frame.body
}

proptest! {
    #[test]
    fn submit_sm_is_read_by_others_as_it_was_meant(
        source in "[A-Za-z0-9]{1,11}",
        number in 10_000_000u64..1_000_000_000_000_000,
        content in proptest::collection::vec(any::<u8>(), 0..160),
        concatenated: bool,
        sequence in 1u32..0x7FFF_FFFF,
        data_coding in proptest::sample::select(vec![0u8, 8]),
        validity in proptest::sample::select(vec![&b""[..], b"000007000000000R"]),
    ) {
        let header: &[u8] = if concatenated { &[5, 0, 3, 9, 2, 1] } else { &[] };
        let ours = SubmitSm {
            source_ton: 5, source_npi: 0, source: source.as_bytes(),
            destination_ton: 1, destination_npi: 1, destination: Destination::Number(number),
            esm_class: if concatenated { 0x40 } else { 0 },
            validity_period: validity, registered_delivery: 1, data_coding, header, content: &content, tlvs: &[],
        };
        let mut output = BytesMut::new();
        wire::submit_sm(&mut output, sequence, &ours);
        let (theirs, octets) = TheirSubmitSm::<4>::decode(body(&output), body(&output).len()).unwrap();
        prop_assert_eq!(octets, body(&output).len());
        prop_assert_eq!(theirs.source_addr.as_str(), &source);
        prop_assert_eq!(theirs.destination_addr.as_str(), number.to_string());
        prop_assert_eq!(u8::from(theirs.esm_class), ours.esm_class);
        prop_assert_eq!(u8::from(theirs.data_coding), data_coding);
        prop_assert_eq!(u8::from(theirs.registered_delivery), 1);
        prop_assert_eq!(theirs.validity_period.as_str().as_bytes(), validity);
        prop_assert_eq!(theirs.short_message().bytes(), [header, &content].concat());
        let header = wire::next_frame(&output, u32::MAX).unwrap().unwrap().header;
        prop_assert_eq!((header.command_id, header.command_status, header.sequence), (4, 0, sequence));
    }

    #[test]
    fn what_is_too_long_is_cut_rather_than_torn(
        source in proptest::collection::vec(any::<u8>(), 0..60),
        content in proptest::collection::vec(any::<u8>(), 0..600),
    ) {
        let ours = SubmitSm {
            source_ton: 5, source_npi: 0, source: &source,
            destination_ton: 1, destination_npi: 1, destination: Destination::Text(&source),
            esm_class: 0, validity_period: &source, registered_delivery: 1, data_coding: 0, header: &[], content: &content, tlvs: &[],
        };
        let mut output = BytesMut::new();
        wire::submit_sm(&mut output, 1, &ours);
        let frame = body(&output);
        prop_assert!(frame.ends_with(&content[..content.len().min(254)]));
    }

    #[test]
    fn receipts_are_read_by_both_decoders(
        id in "[0-9]{1,20}",
        state in proptest::sample::select(ReceiptState::ALL.as_slice()),
        error: u16,
        text in "[ -~]{0,200}",
    ) {
        let ours = DeliverReceipt {
            source: b"436601234567", destination: b"Brand", text: text.as_bytes(), tlvs: Some((&id, state, error)),
        };
        let mut output = BytesMut::new();
        wire::deliver_receipt(&mut output, 1, &ours);
        let (theirs, octets) = TheirDeliverSm::<4>::decode(body(&output), body(&output).len()).unwrap();
        prop_assert_eq!(octets, body(&output).len());
        prop_assert_eq!(theirs.short_message().bytes(), text.as_bytes());
        let deliver = DeliverSm::decode(body(&output)).unwrap();
        prop_assert_eq!(deliver.content, text.as_bytes());
        prop_assert_eq!(deliver.source, b"436601234567");
        let receipt = smpp::receipt::parse(&deliver).unwrap();
        prop_assert_eq!((&*receipt.message_id, receipt.state), (id.as_str(), state));
    }
}

#[test]
fn a_bind_is_read_by_others() {
    let bind = Bind {
        role: BindRole::Transceiver,
        system_id: "esme".to_owned(),
        password: Password::new("secret08"),
        system_type: "VMS".to_owned(),
        address_range: smpp::BindRange { ton: 1, npi: 1, range: "^4366".to_owned() },
    };
    let mut output = BytesMut::new();
    wire::bind(&mut output, 7, &bind);
    let (theirs, _) = BindTransceiver::decode(body(&output), body(&output).len()).unwrap();
    assert_eq!((theirs.system_id.as_str(), theirs.password.as_str()), ("esme", "secret08"));
    assert_eq!(theirs.system_type.as_str(), "VMS");
    assert_eq!((u8::from(theirs.addr_ton), u8::from(theirs.addr_npi)), (1, 1));
    assert_eq!(theirs.address_range.as_str(), "^4366");
    assert!(!format!("{bind:?}").contains("secret08"));
}

#[test]
fn bodiless_pdus_are_sixteen_octets() {
    for command_id in [0x15, 0x8000_0015, 0x06, 0x8000_0006, 0x8000_0000, 0x8000_0004] {
        let mut output = BytesMut::new();
        wire::header_only(&mut output, command_id, 3, 9);
        let header = wire::next_frame(&output, 16).unwrap().unwrap().header;
        assert_eq!((output.len(), header.command_id, header.command_status, header.sequence), (16, command_id, 3, 9));
    }
}
