//! What is wrong with a form: the field, and what to do about it.

use std::fmt;

use super::{EntityType, UseCase};

/// One broken rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// As the registry's API calls it, such as `messageFlow` or `sample2`.
    pub field: &'static str,
    pub rule: Rule,
}

impl Flaw {
    #[must_use]
    pub const fn new(field: &'static str, rule: Rule) -> Self {
        Self { field, rule }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.rule)
    }
}

impl std::error::Error for Flaw {}

/// The rules, each with what to do. Lengths are in characters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rule {
    #[error("fill this in")]
    Missing,
    #[error("write at least {min} characters; there are {has}")]
    Short { has: usize, min: usize },
    #[error("shorten it to {max} characters; there are {has}")]
    Long { has: usize, max: usize },
    #[error("leave this empty for {}", .0.label())]
    NotForEntity(EntityType),
    #[error("{} can be registered in {} only; choose another entity type or country", .entity.label(), .countries)]
    Country { entity: EntityType, countries: &'static str },
    #[error("give the country by its two letters, such as US")]
    UnknownCountry,
    #[error("write the phone number with + and the country code, such as +13035550100")]
    Phone,
    #[error("{0}")]
    Email(crate::email::InvalidEmail),
    #[error("an EIN has 9 digits, such as 12-3456789; copy it from the letter of the tax office")]
    Ein,
    #[error("write the company's tax number: letters, digits and the signs - / . only, 21 at most")]
    TaxNumber,
    #[error("give the state by its two letters, such as CO")]
    State,
    #[error("a US postal code has 5 digits, such as 80202")]
    PostalCode,
    #[error("write the address of a web page, such as https://example.com")]
    Url,
    #[error("choose the kind of the other business id, too, or leave both empty")]
    AltBusinessIdKind,
    #[error("a {kind} has {form}; look at it again or leave it empty")]
    AltBusinessId { kind: &'static str, form: &'static str },
    #[error("a ticker symbol has letters, digits and the signs . and - only")]
    StockSymbol,
    #[error("remove the tag {0:?}, or write it with letters, digits, - and _ only, 50 at most")]
    Tag(String),
    #[error("keep {max} at most")]
    TooMany { max: usize },
    #[error("choose {min} to {max} sub use cases for {}; there are {has}", .use_case.label())]
    SubUseCases { use_case: UseCase, has: usize, min: usize, max: usize },
    #[error("{} cannot be a sub use case; choose another", .0.label())]
    NoSubUseCase(UseCase),
    #[error("{} is chosen twice; remove one", .0.label())]
    TwiceSubUseCase(UseCase),
    #[error("{} is not open to this brand: {}", .use_case.label(), .why)]
    UseCaseClosed { use_case: UseCase, why: &'static str },
    #[error("give at least {min} sample messages; there are {has}")]
    Samples { has: usize, min: usize },
    #[error("this is the same text as another sample; show another message")]
    TwiceSample,
    #[error("carriers refuse links by public shorteners such as {0}; use a domain of the brand")]
    Shortener(String),
    #[error("there is a link in the text; say that messages contain links, or remove it")]
    UndeclaredLink,
    #[error("show a message with a link in a sample, since messages contain links")]
    NoLinkSample,
    #[error("there is a phone number in the text; say that messages contain phone numbers, or remove it")]
    UndeclaredPhone,
    #[error("show a message with a phone number in a sample, since messages contain phone numbers")]
    NoPhoneSample,
    #[error("name the brand in it: {0}")]
    BrandName(String),
    #[error("write what differs from message to message in square brackets, such as [first name], and not as {0}")]
    Placeholder(String),
    #[error("tell in at least one sample how to opt out, such as “Reply STOP to opt out”")]
    NoOptOut,
    #[error("{} needs this; switch it on and say how it is done", .0.label())]
    Consent(UseCase),
    #[error("write single words without blanks, separated by commas, such as STOP,END; {0:?} is none")]
    Keyword(String),
    #[error("{0} stands there twice; remove one")]
    TwiceKeyword(String),
    #[error("{0} has to be among them: people send it whatever you ask for")]
    NoStandardKeyword(&'static str),
    #[error("{0} is also a keyword for something else; a word can mean one thing only")]
    AmbiguousKeyword(String),
    #[error("the terms have to be accepted before the registry takes the 10DLC campaign")]
    Terms,
    #[error("choose at least one carrier")]
    NoCarrier,
    #[error("this cannot be changed once it is registered; register another 10DLC campaign instead")]
    Immutable,
}

/// The flaws of one form, collected.
#[derive(Debug, Default)]
pub(super) struct Flaws(pub Vec<Flaw>);

impl Flaws {
    pub fn add(&mut self, field: &'static str, rule: Rule) {
        self.0.push(Flaw { field, rule });
    }

    /// Keeps the flaw of what did not come out; the caller goes on to find the others.
    pub fn keep<T>(&mut self, field: &'static str, result: Result<T, Rule>) -> Option<T> {
        result.map_err(|rule| self.add(field, rule)).ok()
    }

    /// Text that has to be there.
    pub fn text(&mut self, field: &'static str, text: &str, length: std::ops::RangeInclusive<usize>) -> String {
        let text = text.trim();
        match text.chars().count() {
            0 => self.add(field, Rule::Missing),
            has if has < *length.start() => self.add(field, Rule::Short { has, min: *length.start() }),
            has if has > *length.end() => self.add(field, Rule::Long { has, max: *length.end() }),
            _ => {}
        }
        text.to_owned()
    }

    /// Text that may be left out.
    pub fn optional(
        &mut self,
        field: &'static str,
        text: &str,
        length: std::ops::RangeInclusive<usize>,
    ) -> Option<String> {
        (!text.trim().is_empty()).then(|| self.text(field, text, length))
    }
}
