//! The words that people answer with, and what they are told.

use super::{
    flaw::{Flaws, Rule},
    limits::Limits,
};

/// What opts out when nobody says otherwise. Carriers act on some of these themselves.
pub const OPT_OUT_DEFAULT: &str = "STOP,QUIT,END,CANCEL,UNSUBSCRIBE";
pub const HELP_DEFAULT: &str = "HELP";
pub const OPT_IN_DEFAULT: &str = "START";

/// A word's longest form; longer ones nobody types.
const WORD_MAX: usize = 25;

/// One word, upper case, without blanks around the commas, as the registry takes it. Reports what is wrong.
pub(super) fn check(
    field: &'static str,
    typed: &str,
    needs: Option<&'static str>,
    limits: &Limits,
    flaws: &mut Flaws,
) -> String {
    let mut words: Vec<String> = Vec::new();
    for word in typed.split(',').map(|word| word.trim().to_uppercase()).filter(|word| !word.is_empty()) {
        if word.chars().count() > WORD_MAX || !word.chars().all(char::is_alphanumeric) {
            flaws.add(field, Rule::Keyword(word));
        } else if words.contains(&word) {
            flaws.add(field, Rule::TwiceKeyword(word));
        } else {
            words.push(word);
        }
    }
    if let Some(needed) = needs {
        if words.is_empty() {
            flaws.add(field, Rule::Missing);
        } else if !words.iter().any(|word| word == needed) {
            flaws.add(field, Rule::NoStandardKeyword(needed));
        }
    }
    let joined = words.join(",");
    match joined.chars().count() {
        has if has > limits.keywords_max => flaws.add(field, Rule::Long { has, max: limits.keywords_max }),
        _ => {}
    }
    joined
}

/// A word of `later` that is also in `earlier` would mean two things.
pub(super) fn distinct(earlier: &str, later: &str, field: &'static str, flaws: &mut Flaws) {
    for word in later.split(',').filter(|word| !word.is_empty()) {
        if earlier.split(',').any(|other| other == word) {
            flaws.add(field, Rule::AmbiguousKeyword(word.to_owned()));
        }
    }
}
