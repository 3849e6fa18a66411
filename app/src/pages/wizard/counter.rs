//! The counter below a message: what it takes to send it, and which character makes it dearer.

use domain::{
    merge::Template,
    segment::{self, Encoding, Measure},
};
use leptos::prelude::*;

use crate::{error::sentence, ui::prelude::*};

/// Counts while somebody types; the server writes the first count.
#[component]
pub fn Counter(text: RwSignal<String>) -> impl IntoView {
    let count = Memo::new(move |_| text.with(|text| Count::of(text)));
    view! {
        <div class="flex flex-col gap-2 text-sm">
            <p class="text-muted tabular-nums">{move || count.with(Count::line)}</p>
            {move || count.with(Count::fields_line).map(|line| view! { <p class="text-muted">{line}</p> })}
            // Only what changes seldom is read out: not each letter's count.
            <div role="status" class="flex flex-col gap-2">
                {move || count.with(|count| count.problem.clone()).map(|problem| view! { <p class="field-error">{problem}</p> })}
                {move || count.with(Count::forced_line).map(|line| view! { <Alert tone=Tone::Warning>{line}</Alert> })}
            </div>
        </div>
    }
}

/// What is to be said of a text.
#[derive(Debug, Clone, PartialEq)]
struct Count {
    measure: Measure,
    /// The character that forces UCS-2, and its place from 1.
    forced: Option<(char, usize)>,
    /// Columns whose values come into the text.
    fields: Vec<String>,
    /// Why it cannot be sent as it is.
    problem: Option<String>,
}

impl Count {
    /// Merge fields count as empty: what each recipient's values add is known once the file is there.
    fn of(text: &str) -> Self {
        let (shown, fields, problem) = match Template::parse(text) {
            Ok(template) => {
                let shown = template.render(|_| Some("")).unwrap_or_default();
                (shown, template.fields().to_vec(), None)
            }
            Err(refusal) => (text.to_owned(), Vec::new(), Some(sentence(&refusal.to_string()))),
        };
        let measure = segment::measure(&shown);
        let too_long = || (measure.segments > 0).then(|| segment::check(&shown).err()).flatten();
        let problem = problem.or_else(|| too_long().map(|refusal| sentence(&refusal.to_string())));
        let forced = measure.first_non_gsm.and_then(|forcing| {
            let place = text.chars().position(|character| character == forcing)?;
            Some((forcing, place + 1))
        });
        Self { measure, forced, fields, problem }
    }

    fn line(&self) -> String {
        let Measure { encoding, characters, segments, units_left, .. } = self.measure;
        let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        format!(
            "{encoding} · {} · {} · {} left in the {} segment",
            counted(number(characters), "character", "characters"),
            counted(number(segments), "segment", "segments"),
            grouped(number(units_left)),
            if segments > 1 { "last" } else { "first" },
        )
    }

    fn fields_line(&self) -> Option<String> {
        let names: Vec<String> = self.fields.iter().map(|field| format!("{{{field}}}")).collect();
        let verb = if names.len() == 1 { "comes" } else { "come" };
        (!names.is_empty()).then(|| {
            format!("{} {verb} on top: each recipient's own text is counted when the file is read.", names.join(", "))
        })
    }

    fn forced_line(&self) -> Option<String> {
        let (forcing, place) = self.forced?;
        let [single, wide] = [Encoding::Gsm7.single(), Encoding::Ucs2.single()];
        let instead = match plain(forcing) {
            Some(" ") => " An ordinary blank does the same.".to_owned(),
            Some("") => " It cannot be seen; delete it.".to_owned(),
            Some(plain) => format!(" “{plain}” does the same."),
            None => String::new(),
        };
        Some(format!(
            "{} at place {place} is not in the GSM alphabet: the message is sent as UCS-2, with {wide} characters in a segment instead of {single}.{instead}",
            named(forcing),
        ))
    }
}

/// The character and, where it is not seen for itself, its code.
fn named(character: char) -> String {
    let code = u32::from(character);
    if character.is_control() || plain(character).is_some() {
        format!("“{}” (U+{code:04X})", if character.is_control() { ' ' } else { character })
    } else {
        format!("“{character}”")
    }
}

/// What word processors write, in the letters of a phone.
const fn plain(character: char) -> Option<&'static str> {
    Some(match character {
        '‘' | '’' | '‚' | '′' | '`' | '´' => "'",
        '“' | '”' | '„' | '″' => "\"",
        '‐' | '‑' | '–' | '—' | '−' => "-",
        '…' => "...",
        '•' | '·' => "*",
        '\t' | '\u{a0}' | '\u{2007}' | '\u{2009}' | '\u{202f}' => " ",
        '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' => "",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_how_long_a_text_is() {
        assert_eq!(Count::of("").line(), "GSM-7 · 0 characters · 0 segments · 160 left in the first segment");
        assert_eq!(Count::of("Hello").line(), "GSM-7 · 5 characters · 1 segment · 155 left in the first segment");
        let long = Count::of(&"x".repeat(161));
        assert_eq!(long.line(), "GSM-7 · 161 characters · 2 segments · 145 left in the last segment");
    }

    #[test]
    fn names_the_character_that_forces_ucs_2_and_its_place() {
        let count = Count::of("It’s on — really");
        assert_eq!(count.measure.encoding, Encoding::Ucs2);
        assert_eq!(
            count.forced_line().unwrap(),
            "“’” (U+2019) at place 3 is not in the GSM alphabet: the message is sent as UCS-2, with 70 characters in a \
             segment instead of 160. “'” does the same."
        );
        assert_eq!(Count::of("Plain").forced_line(), None);
        assert!(Count::of("Привет").forced_line().unwrap().starts_with("“П” at place 1 "));
    }

    #[test]
    fn fields_and_doubled_braces_are_counted_as_they_are_sent() {
        let count = Count::of("Hi {first_name}, {{x}}");
        assert_eq!(count.measure.characters, 8);
        assert_eq!(
            count.fields_line().unwrap(),
            "{first_name} comes on top: each recipient's own text is counted when the file is read."
        );
        assert_eq!(count.problem, None);
        assert!(Count::of("Hi {name").problem.unwrap().contains("character 4"));
    }

    #[test]
    fn what_is_too_long_is_said() {
        assert!(Count::of(&"x".repeat(2_000)).problem.unwrap().contains("shorten"));
    }
}
