//! Delivery receipts: one octet each of esm_class, data_coding and length of the text, then the text, then TLVs.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use smpp::{
    IdBase,
    receipt::{Receipt, parse},
    wire::{DeliverSm, Tlvs, tag},
};

fuzz_target!(|input: &[u8]| -> Corpus {
    let [esm_class, data_coding, length, rest @ ..] = input else {
        return Corpus::Reject;
    };
    let (content, tlvs) = rest.split_at(usize::from(*length).min(rest.len()));
    let deliver = DeliverSm {
        source: b"436601234567",
        destination: b"Brand",
        esm_class: *esm_class,
        data_coding: *data_coding,
        content,
        tlvs: Tlvs(tlvs),
    };
    match parse(&deliver) {
        Some(receipt) => holds(&receipt),
        None => {
            assert!(!matches!(esm_class & 0x3C, 0x04 | 0x20));
            return Corpus::Keep;
        }
    }
    let narrow = DeliverSm { data_coding: 0, ..deliver };
    let expected = parse(&narrow);

    let wide: Vec<u8> = content.iter().flat_map(|octet| [0, *octet]).collect();
    let wide = DeliverSm { data_coding: 8, content: &wide, ..deliver };
    assert_eq!(parse(&wide), expected, "in UTF-16");

    // The copy of the message belongs to its sender, who must not decide what the receipt says.
    let copied = [content, b" text:id:9 stat:REJECTD err:9"].concat();
    let copied = DeliverSm { content: &copied, ..narrow };
    assert_eq!(parse(&copied), expected, "with a copy of the message");

    // Nor must the text make a receipt of a subscriber's message.
    if deliver.tlvs.get(tag::RECEIPTED_MESSAGE_ID).is_none() {
        assert_eq!(parse(&DeliverSm { esm_class: 0, ..deliver }), None);
    }
    Corpus::Keep
});

fn holds(receipt: &Receipt) {
    let id = &receipt.message_id;
    assert_eq!(id.trim_ascii(), &**id);
    assert_ne!(receipt.error, Some(0));
    for base in [IdBase::Verbatim, IdBase::Folded, IdBase::HexThenDecimal, IdBase::DecimalThenHex] {
        let _ = (base.from_response(id.clone()), base.from_receipt(id.clone()));
    }
    let folded = IdBase::Folded.from_receipt(id.clone());
    assert_eq!(IdBase::Folded.from_response(folded.as_str().into()), folded);
}
