//! Merge fields: the whole input is the text that a person wrote.
#![no_main]

use domain::merge::{MAX_FIELD_NAME_CHARACTERS, MergeError, Template, escape};
use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|input: &[u8]| -> Corpus {
    let Ok(text) = std::str::from_utf8(input) else {
        return Corpus::Reject;
    };
    let escaped = Template::parse(&escape(text)).expect("escaped text is a template");
    assert!(escaped.is_constant());
    assert_eq!(escaped.render(|_| None).as_deref(), Ok(text));
    match Template::parse(text) {
        Ok(template) => holds(&template, text),
        Err(error) => points_at_a_brace(&error, text),
    }
    Corpus::Keep
});

fn holds(template: &Template, text: &str) {
    let source = template.source();
    assert_eq!(Template::parse(&source).as_ref(), Ok(template));
    assert!(source.len() <= text.len());
    for (at, field) in template.fields().iter().enumerate() {
        assert!(!field.is_empty() && field.trim() == field && !field.contains(['{', '}']));
        assert!(field.chars().count() <= MAX_FIELD_NAME_CHARACTERS);
        assert!(!template.fields()[..at].contains(field));
    }
    assert_eq!(template.is_constant(), template.fields().is_empty());
    // The first field is the first to be missed, and values are not read as templates.
    let missing = template.render(|_| None).err().map(|missing| missing.field);
    assert_eq!(missing.as_ref(), template.fields().first());
    let braces = template.render(|_| Some("{x}}")).expect("every field has a value");
    let nothing = template.render(|_| Some("")).expect("every field has a value");
    assert!(nothing.len() <= braces.len() && (template.is_constant() || nothing.len() + 4 <= braces.len()));
}

fn points_at_a_brace(error: &MergeError, text: &str) {
    let (MergeError::Unclosed { at }
    | MergeError::Unopened { at }
    | MergeError::Empty { at }
    | MergeError::Nested { at }
    | MergeError::Name { at }) = *error;
    let brace = if matches!(error, MergeError::Unopened { .. }) { '}' } else { '{' };
    assert_eq!(text.chars().nth(at - 1), Some(brace));
}
