use super::*;

fn austria() -> Country {
    Country::parse("AT").unwrap()
}

fn shape(text: &str) -> FileShape {
    sniff(text.as_bytes(), austria()).unwrap()
}

#[test]
fn numbers_only() {
    let shape = shape("+436601234567\n0660 123 45 68\n00436601234569\n");
    assert_eq!((shape.separator, shape.has_header, shape.number_column), (None, false, Some(0)));
    assert_eq!(shape.preview.len(), 3);
}

#[test]
fn a_header_over_numbers_only() {
    let shape = shape("phone\n+436601234567\n");
    assert_eq!((shape.separator, shape.has_header), (None, true));
}

#[test]
fn csv_with_each_separator() {
    for separator in Separator::ALL {
        let s = char::from(separator.byte());
        let text = format!("id{s}First Name{s}Mobile\n1{s}Anna{s}+436601234567\n2{s}Bert{s}0660/1234568\n");
        let shape = shape(&text);
        assert_eq!(shape.separator, Some(separator));
        assert_eq!(shape.columns, ["id", "First Name", "Mobile"]);
        assert!(shape.has_header);
        assert_eq!(shape.number_column, Some(2));
        assert_eq!(shape.preview[1], ["2", "Bert", "0660/1234568"]);
    }
}

#[test]
fn csv_without_a_header_and_with_odd_ones() {
    let bare = shape("+436601234567,Anna\n+436601234568,Bert\n");
    assert_eq!((bare.has_header, bare.columns), (false, vec!["column_1".to_owned(), "column_2".to_owned()]));
    let odd = shape("tel,name,name,\n+436601234567,a,b,c\n");
    assert_eq!(odd.columns, ["tel", "name", "name_2", "column_4"]);
}

#[test]
fn one_quoted_column_is_csv() {
    let shape = shape("\"+43 660 1234567\"\n\"+43 660 1234568\"\n");
    assert_eq!((shape.separator, shape.number_column), (Some(Separator::Comma), Some(0)));
}

#[test]
fn text_with_commas_in_quotes_is_semicolon_separated() {
    let shape = shape("tel;text\n+436601234567;\"a, b, c\"\n+436601234568;\"d\"\n");
    assert_eq!(shape.separator, Some(Separator::Semicolon));
}

#[test]
fn marks_and_line_ends() {
    let shape_of = |text: &str| sniff(text.as_bytes(), austria()).unwrap();
    let crlf = shape_of("\u{FEFF}phone,name\r\n+436601234567,Anna\r\n");
    assert_eq!((crlf.bom_octets, crlf.line_end), (3, LineEnd::Lf));
    assert_eq!(crlf.columns, ["phone", "name"]);
    let cr = shape_of("+436601234567\r+436601234568\r");
    assert_eq!((cr.line_end, cr.preview.len()), (LineEnd::Cr, 2));
}

#[test]
fn what_is_no_text_is_named() {
    let zip = b"PK\x03\x04\x14\0\x06\0\x08\0[Content_Types].xml";
    for (head, kind) in [
        (zip.as_slice(), FileKind::Excel),
        (b"PK\x03\x04\x14\0other", FileKind::Zip),
        (b"%PDF-1.7\n", FileKind::Pdf),
        (&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1], FileKind::OldExcel),
        (&[0x1F, 0x8B, 8], FileKind::Gzip),
        (b"<!DOCTYPE html><p>", FileKind::WebPage),
        (b"\x00\x01\x02\x03\x00\x05", FileKind::Binary),
    ] {
        let found = sniff(head, austria());
        assert!(matches!(found, Err(FileError::NotText(found)) if found == kind), "{kind:?}");
    }
    let message = sniff(zip, austria()).unwrap_err().to_string();
    assert!(message.contains("export it as CSV"), "{message}");
}

#[test]
fn nothing_is_not_a_list() {
    assert!(matches!(sniff(b"", austria()), Err(FileError::Empty)));
    assert!(matches!(sniff(b" \r\n\n", austria()), Err(FileError::Empty)));
    assert_eq!(shape("name,city\nAnna,Wien\n").number_column, None);
}

#[test]
fn a_masked_preview_shows_the_last_digits() {
    let shape = shape("tel,plz\n+43 660 1234567,1010\n").masked();
    assert_eq!(shape.preview[0], ["+•• ••• •••4567", "1010"]);
}

#[test]
fn a_long_cell_is_cut_in_the_preview() {
    let shape = shape(&"12".repeat(5_000)).masked();
    assert_eq!(shape.preview[0], [format!("{}…", "•".repeat(80))]);
}

proptest::proptest! {
    #[test]
    fn any_head_is_answered(head in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
        let _ = sniff(&head, austria());
    }
}
