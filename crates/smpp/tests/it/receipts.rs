//! Receipts as carriers write them.

use proptest::prelude::*;
use smpp::{
    ReceiptState,
    receipt::{Receipt, parse},
    wire::DeliverSm,
};

use crate::peer::deliver_body;

fn parsed(esm_class: u8, text: &[u8], tlvs: &[u8]) -> Option<Receipt> {
    let body = deliver_body(esm_class, text, tlvs);
    parse(&DeliverSm::decode(&body).unwrap())
}

fn receipt(message_id: &str, state: ReceiptState, error: Option<u32>) -> Option<Receipt> {
    Some(Receipt { message_id: message_id.into(), state, error })
}

#[test]
fn the_text_of_the_standard() {
    let text = b"id:0123456789 sub:001 dlvrd:001 submit date:2611202034 done date:2611202035 stat:DELIVRD err:000 text:Hello id:9";
    assert_eq!(parsed(4, text, &[]), receipt("0123456789", ReceiptState::Delivered, None));
}

#[test]
fn texts_of_carriers() {
    use ReceiptState::{Enroute, Rejected, Undeliverable, Unknown};
    let cases: [(&[u8], Option<Receipt>); 8] = [
        (
            b"id:ab-9 submitdate:261120203400 donedate:261120203401 stat:UNDELIV err:027",
            receipt("ab-9", Undeliverable, Some(27)),
        ),
        (b"id: 7 stat: undeliverable err: 1A", receipt("7", Undeliverable, Some(0x1A))),
        (b"ID:7,SUB:001,DLVRD:000,STAT:REJECTD,ERR:5,TEXT:x", receipt("7", Rejected, Some(5))),
        (b"stat:ENROUTE id:7", receipt("7", Enroute, None)),
        (b"stat:ODD id:7 err:", receipt("7", Unknown, None)),
        (b"sub:001 stat:REJECTD", receipt("", Rejected, None)),
        (b"text:id:5 stat:DELIVRD", receipt("", Unknown, None)),
        (b"", receipt("", Unknown, None)),
    ];
    for (text, expected) in cases {
        assert_eq!(parsed(4, text, &[]), expected, "{}", String::from_utf8_lossy(text));
    }
}

#[test]
fn tlvs_go_before_the_text() {
    let tlvs = b"\x00\x1E\x00\x04A1B\0\x04\x27\x00\x01\x05\x04\x23\x00\x03\x03\x01\x02";
    let expected = receipt("A1B", ReceiptState::Undeliverable, Some(0x0102));
    assert_eq!(parsed(4, b"id:9 stat:DELIVRD err:000", tlvs), expected);
    // The TLV makes a receipt also where esm_class does not.
    assert_eq!(parsed(0, b"", tlvs), expected);
}

#[test]
fn tlvs_that_are_not_to_the_letter() {
    // No NUL after the id, four octets of error code, a last TLV that is cut off.
    let tlvs = b"\x00\x1E\x00\x03A1B\x04\x23\x00\x04\x03\x00\x00\x07\x04\x27\x00\x09\x05";
    assert_eq!(parsed(4, b"stat:EXPIRED", tlvs), receipt("A1B", ReceiptState::Expired, Some(7)));
}

#[test]
fn a_subscriber_cannot_forge_a_receipt() {
    assert_eq!(parsed(0, b"id:1 sub:001 dlvrd:001 stat:DELIVRD err:000", &[]), None);
    assert_eq!(parsed(0x40, b"id:1 stat:DELIVRD", &[]), None);
}

#[test]
fn a_receipt_in_utf_16() {
    let wide: Vec<u8> = b"id:5 stat:DELIVRD".iter().flat_map(|octet| [0, *octet]).collect();
    let mut body = deliver_body(4, &wide, &[]);
    let data_coding = body.len() - wide.len() - 3;
    body[data_coding] = 8;
    let deliver = DeliverSm::decode(&body).unwrap();
    assert_eq!(deliver.data_coding, 8);
    assert_eq!(parse(&deliver), receipt("5", ReceiptState::Delivered, None));
}

proptest! {
    #[test]
    fn nothing_makes_it_panic(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        if let Some(deliver) = DeliverSm::decode(&body) {
            let _ = parse(&deliver);
        }
    }

    #[test]
    fn no_content_makes_it_panic(esm_class: u8, text in proptest::collection::vec(any::<u8>(), 0..254), tlvs in proptest::collection::vec(any::<u8>(), 0..40)) {
        let _ = parsed(esm_class, &text, &tlvs);
    }

    #[test]
    fn id_and_state_are_found_wherever_they_stand(
        id in "[0-9A-Za-z-]{1,64}",
        state in proptest::sample::select(ReceiptState::ALL.as_slice()),
        error in 1u32..999,
        order in Just([0, 1, 2, 3]).prop_shuffle(),
        separator in proptest::sample::select(vec![" ", ", ", ";"]),
    ) {
        let pieces = [format!("id:{id}"), format!("stat:{}", state.stat()), format!("err:{error:03}"), "sub:001".to_owned()];
        let text = order.map(|at| pieces[at].as_str()).join(separator);
        prop_assert_eq!(parsed(4, text.as_bytes(), &[]), receipt(&id, state, Some(error)));
    }
}
