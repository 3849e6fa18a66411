//! What can be said of a number before it is taken: whether it is one, and whether its message can be made.

use std::{collections::HashMap, sync::Arc};

use domain::{
    campaign::{Campaign, Parameters},
    merge::Template,
    phone::{Country, PhoneReject, normalise},
    recipient::VALUES_OCTETS_MAX,
    segment::{self, SegmentError},
};
use store::{Error, Scope, journal::added::Row, recipients::REFERENCE_FIELD};

/// Numbers that can be handed in at once.
pub const NUMBERS_MAX: usize = 1_000;
pub const REFERENCE_CHARACTERS_MAX: usize = 100;

/// A number as a program hands it in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arrival {
    pub number: String,
    /// The whole message, for a campaign that takes any text.
    pub text: Option<String>,
    /// The values of the merge fields, for one with a template.
    pub fields: HashMap<String, String>,
    /// What the program calls it.
    pub reference: Option<String>,
}

/// Why a number is not taken. The text says what to do, and never repeats number or text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RefusedNumber {
    #[error("the number {0}")]
    Number(PhoneReject),
    #[error("there is no number")]
    NoNumber,
    #[error("the number is on the suppression list of the workspace and gets no messages")]
    Suppressed,
    #[error("this campaign takes any text: give it as text, without fields")]
    TextExpected,
    #[error("this campaign has a template: give the values of its fields, without text")]
    FieldsExpected,
    #[error("there is no value for the field {{{0}}} of the template")]
    FieldMissing(String),
    #[error("the template has no field {{{0}}}")]
    FieldUnknown(String),
    #[error(transparent)]
    Text(#[from] SegmentError),
    #[error("the values are too long: at most {VALUES_OCTETS_MAX} bytes in all")]
    Values,
    #[error("a reference has 1 to {REFERENCE_CHARACTERS_MAX} characters and no control characters")]
    Reference,
}

impl RefusedNumber {
    /// The part of the arrival that was refused.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        match self {
            Self::Number(_) | Self::NoNumber | Self::Suppressed => "number",
            Self::TextExpected | Self::Text(_) => "text",
            Self::FieldsExpected | Self::FieldMissing(_) | Self::FieldUnknown(_) | Self::Values => "fields",
            Self::Reference => "reference",
        }
    }

    /// A word for programs, which stays.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Number(_) | Self::NoNumber => "invalid_number",
            Self::Suppressed => "suppressed",
            Self::TextExpected => "text_expected",
            Self::FieldsExpected => "fields_expected",
            Self::FieldMissing(_) => "field_missing",
            Self::FieldUnknown(_) => "field_unknown",
            Self::Text(SegmentError::Empty) => "text_empty",
            Self::Text(SegmentError::TooLong { .. }) | Self::Values => "text_too_long",
            Self::Reference => "invalid_reference",
        }
    }
}

/// What the numbers of one campaign are checked against.
pub(super) struct Checks {
    country: Country,
    template: Template,
    any_text: bool,
    fields: Arc<[String]>,
}

impl Checks {
    pub(super) fn of(scope: &Scope, campaign: &Campaign) -> Result<Self, Error> {
        let country = Country::parse(&scope.workspace().default_country).map_err(|_| Error::Corrupt)?;
        let parameters = &campaign.parameters;
        Self::new(country, parameters).ok_or(Error::Corrupt)
    }

    fn new(country: Country, parameters: &Parameters) -> Option<Self> {
        let template = Template::parse(parameters.template()).ok()?;
        let fields = template.fields().iter().cloned().chain([REFERENCE_FIELD.to_owned()]).collect();
        Some(Self { country, template, any_text: parameters.any_text, fields })
    }

    /// What the values of a row are called.
    pub(super) fn fields(&self) -> Arc<[String]> {
        Arc::clone(&self.fields)
    }

    pub(super) fn row(&self, arrival: Arrival) -> Result<Row, RefusedNumber> {
        if arrival.number.trim().is_empty() {
            return Err(RefusedNumber::NoNumber);
        }
        let number = normalise(&arrival.number, self.country).map_err(RefusedNumber::Number)?;
        let mut values = self.values(arrival.text, arrival.fields)?;
        let rendered = self.template.render(|field| {
            let column = self.template.fields().iter().position(|known| known == field)?;
            values.get(column).map(|value| &**value)
        });
        let text = rendered.map_err(|missing| RefusedNumber::FieldMissing(missing.field))?;
        let measure = segment::check(&text)?;
        let reference = arrival.reference.unwrap_or_default();
        if reference.chars().count() > REFERENCE_CHARACTERS_MAX || reference.chars().any(char::is_control) {
            return Err(RefusedNumber::Reference);
        }
        values.push(reference.into());
        if values.iter().map(|value| value.len()).sum::<usize>() > VALUES_OCTETS_MAX {
            return Err(RefusedNumber::Values);
        }
        let segments = u8::try_from(measure.segments).unwrap_or(u8::MAX);
        Ok(Row { number: number.as_u64(), segments, values })
    }

    /// In the order of the template's fields.
    fn values(
        &self,
        text: Option<String>,
        mut fields: HashMap<String, String>,
    ) -> Result<Vec<Box<str>>, RefusedNumber> {
        if self.any_text {
            return match text {
                Some(text) if fields.is_empty() => Ok(vec![text.into()]),
                Some(_) | None => Err(RefusedNumber::TextExpected),
            };
        }
        if text.is_some() {
            return Err(RefusedNumber::FieldsExpected);
        }
        let mut values = Vec::with_capacity(self.fields.len());
        for field in self.template.fields() {
            let value = fields.remove(field).ok_or_else(|| RefusedNumber::FieldMissing(field.clone()))?;
            values.push(value.into());
        }
        match fields.into_keys().min() {
            Some(unknown) => Err(RefusedNumber::FieldUnknown(unknown)),
            None => Ok(values),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checks(text: &str, any_text: bool) -> Checks {
        let parameters = Parameters {
            name: String::new(),
            mode: domain::campaign::Mode::Trigger,
            sender: None,
            channel: String::new(),
            text: text.to_owned(),
            template: None,
            start_at_ms: None,
            start_local: None,
            end_at_ms: None,
            end_local: None,
            ignore_daily_window: false,
            any_text,
            daily_limit: None,
            validity_minutes: None,
            overrides: None,
        };
        Checks::new(Country::parse("AT").unwrap(), &parameters).unwrap()
    }

    fn arrival(number: &str) -> Arrival {
        Arrival { number: number.to_owned(), ..Arrival::default() }
    }

    fn with_text(text: &str) -> Arrival {
        Arrival { text: Some(text.to_owned()), ..arrival("0660 1234567") }
    }

    fn with_fields(fields: &[(&str, &str)]) -> Arrival {
        let fields = fields.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
        Arrival { fields, ..arrival("+43 660 1234567") }
    }

    #[test]
    fn any_text_is_the_message_as_it_is() {
        let row = checks("", true).row(with_text("Code {123} for you")).unwrap();
        assert_eq!((row.number, row.segments), (436_601_234_567, 1));
        assert_eq!(row.values, ["Code {123} for you".into(), "".into()]);
        let long = checks("", true).row(with_text(&"ж".repeat(71))).unwrap();
        assert_eq!(long.segments, 2);
    }

    #[test]
    fn the_longest_text_in_any_alphabet_is_taken() {
        for (character, count) in [("a", 1_530), ("Δ", 1_530), ("€", 760), ("漢", 670), ("😀", 330)] {
            let taken = checks("", true).row(with_text(&character.repeat(count)));
            assert!(taken.is_ok(), "{character} {taken:?}");
        }
        let refused = checks("", true).row(with_text(&"a".repeat(1_531))).unwrap_err();
        assert_eq!(refused.code(), "text_too_long");
    }

    #[test]
    fn a_template_gets_its_fields_and_no_others() {
        let checks = checks("Hello {name}, your code is {code}", false);
        let row = checks.row(with_fields(&[("code", "123"), ("name", "Ann")])).unwrap();
        assert_eq!(row.values, ["Ann".into(), "123".into(), "".into()]);
        for (arrival, refused) in [
            (with_fields(&[("name", "Ann")]), RefusedNumber::FieldMissing("code".into())),
            (with_fields(&[("name", "A"), ("code", "1"), ("cdoe", "1")]), RefusedNumber::FieldUnknown("cdoe".into())),
            (with_text("Hello"), RefusedNumber::FieldsExpected),
        ] {
            assert_eq!(checks.row(arrival), Err(refused));
        }
    }

    #[test]
    fn what_cannot_be_sent_is_refused_with_its_reason() {
        let any = checks("", true);
        for (arrival, code, field) in [
            (Arrival { number: " ".into(), ..with_text("x") }, "invalid_number", "number"),
            (Arrival { number: "12".into(), ..with_text("x") }, "invalid_number", "number"),
            (with_text(""), "text_empty", "text"),
            (arrival("0660 1234567"), "text_expected", "text"),
            (Arrival { text: Some("x".into()), ..with_fields(&[("name", "Ann")]) }, "text_expected", "text"),
            (Arrival { reference: Some("r".repeat(101)), ..with_text("x") }, "invalid_reference", "reference"),
            (Arrival { reference: Some("a\nb".into()), ..with_text("x") }, "invalid_reference", "reference"),
        ] {
            let refused = any.row(arrival).unwrap_err();
            assert_eq!((refused.code(), refused.field()), (code, field));
        }
        let fields = with_fields(&[("name", &"x".repeat(4_000))]);
        assert_eq!(checks("Hello {name}", false).row(fields).unwrap_err().code(), "text_too_long");
    }
}
