//! Message text with merge fields: `Hello {first_name}`. `{{` and `}}` stand for the braces themselves.
//!
//! A field's name is matched with the file's column names as it is written, without blanks around it.

use std::fmt::Write as _;

/// At most so many characters in a field's name.
pub const MAX_FIELD_NAME_CHARACTERS: usize = 64;

/// A parsed text. Parsing once and rendering per recipient is what keeps ingest quick.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    pieces: Vec<Piece>,
    /// In order of first use, each once.
    fields: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Literal(String),
    /// An index into the fields.
    Field(usize),
}

/// What is wrong with a template, and where: `at` counts characters from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    #[error("the brace at character {at} is never closed; write {{{{ for a brace that is to be sent")]
    Unclosed { at: usize },
    #[error("the closing brace at character {at} has no opening one; write }}}} for a brace that is to be sent")]
    Unopened { at: usize },
    #[error("the braces at character {at} are empty; put the name of a column between them")]
    Empty { at: usize },
    #[error("the field at character {at} contains another opening brace; a field is written {{name}}")]
    Nested { at: usize },
    #[error(
        "the name of the field at character {at} has more than {MAX_FIELD_NAME_CHARACTERS} characters or a line break"
    )]
    Name { at: usize },
}

/// The recipient has no value for this field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no value for the field {{{field}}}")]
pub struct MissingField {
    pub field: String,
}

impl Template {
    pub fn parse(text: &str) -> Result<Self, MergeError> {
        let mut template = Self { pieces: Vec::new(), fields: Vec::new() };
        let mut literal = String::new();
        let mut characters = text.chars().zip(1..).peekable();
        while let Some((character, at)) = characters.next() {
            match character {
                '{' | '}' if characters.next_if(|&(next, _)| next == character).is_some() => literal.push(character),
                '}' => return Err(MergeError::Unopened { at }),
                '{' => {
                    let name = field_name(&mut characters, at)?;
                    template.push_literal(&mut literal);
                    template.push_field(name);
                }
                other => literal.push(other),
            }
        }
        template.push_literal(&mut literal);
        Ok(template)
    }

    fn push_literal(&mut self, literal: &mut String) {
        if !literal.is_empty() {
            self.pieces.push(Piece::Literal(std::mem::take(literal)));
        }
    }

    fn push_field(&mut self, name: String) {
        let index = self.fields.iter().position(|field| *field == name).unwrap_or_else(|| {
            self.fields.push(name);
            self.fields.len() - 1
        });
        self.pieces.push(Piece::Field(index));
    }

    /// The names of the fields, in order of first use, each once.
    #[must_use]
    pub fn fields(&self) -> &[String] {
        &self.fields
    }

    /// The text without fields is the same for every recipient.
    #[must_use]
    pub fn is_constant(&self) -> bool {
        self.fields.is_empty()
    }

    /// The text for one recipient. An empty value is a value.
    pub fn render<'v>(&self, mut value: impl FnMut(&str) -> Option<&'v str>) -> Result<String, MissingField> {
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Literal(literal) => text.push_str(literal),
                Piece::Field(index) => {
                    let field = &self.fields[*index];
                    text.push_str(value(field).ok_or_else(|| MissingField { field: field.clone() })?);
                }
            }
        }
        Ok(text)
    }

    /// The text as a person wrote it, for which [`Template::parse`] gives this template again.
    #[must_use]
    pub fn source(&self) -> String {
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Literal(literal) => text.push_str(&escape(literal)),
                Piece::Field(index) => {
                    // Writing to a String cannot fail.
                    let _ = write!(text, "{{{}}}", self.fields[*index]);
                }
            }
        }
        text
    }
}

/// `text` as a template that renders to it.
#[must_use]
pub fn escape(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}")
}

/// Reads up to the closing brace of the field that was opened at `at`.
fn field_name(characters: &mut impl Iterator<Item = (char, usize)>, at: usize) -> Result<String, MergeError> {
    let mut name = String::new();
    for (character, _) in characters {
        match character {
            '}' => {
                let name = name.trim();
                return if name.is_empty() {
                    Err(MergeError::Empty { at })
                } else if name.chars().count() > MAX_FIELD_NAME_CHARACTERS || name.chars().any(char::is_control) {
                    Err(MergeError::Name { at })
                } else {
                    Ok(name.to_owned())
                };
            }
            '{' => return Err(MergeError::Nested { at }),
            other => name.push(other),
        }
    }
    Err(MergeError::Unclosed { at })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn render(text: &str) -> Result<String, MissingField> {
        Template::parse(text).unwrap().render(|field| match field {
            "name" => Some("Ann"),
            "nothing" => Some(""),
            "first name" => Some("Bob"),
            _ => None,
        })
    }

    #[test]
    fn puts_values_in_place() {
        assert_eq!(render("Hello {name}, {name}!").unwrap(), "Hello Ann, Ann!");
        assert_eq!(render("{ first name }{nothing}.").unwrap(), "Bob.");
        assert_eq!(render("no fields").unwrap(), "no fields");
        assert_eq!(render("").unwrap(), "");
    }

    #[test]
    fn doubled_braces_are_braces() {
        assert_eq!(render("{{name}} is {name}").unwrap(), "{name} is Ann");
        assert_eq!(render("{{{name}}}").unwrap(), "{Ann}");
        assert_eq!(render("}}{{").unwrap(), "}{");
    }

    #[test]
    fn lists_each_field_once() {
        let template = Template::parse("{b} {a} {b}").unwrap();
        assert_eq!(template.fields(), ["b", "a"]);
        assert!(!template.is_constant());
        assert!(Template::parse("{{a}}").unwrap().is_constant());
    }

    #[test]
    fn a_value_is_never_read_as_a_template() {
        let template = Template::parse("{a}").unwrap();
        assert_eq!(template.render(|_| Some("{b} }} {{")).unwrap(), "{b} }} {{");
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        for (text, error) in [
            ("Hello {name", MergeError::Unclosed { at: 7 }),
            ("{", MergeError::Unclosed { at: 1 }),
            ("ä}", MergeError::Unopened { at: 2 }),
            ("a {} b", MergeError::Empty { at: 3 }),
            ("a {  } b", MergeError::Empty { at: 3 }),
            ("{a{b}}", MergeError::Nested { at: 1 }),
            ("{a\nb}", MergeError::Name { at: 1 }),
        ] {
            assert_eq!(Template::parse(text), Err(error), "{text}");
        }
        assert_eq!(Template::parse(&format!("{{{}}}", "x".repeat(65))), Err(MergeError::Name { at: 1 }));
        assert!(Template::parse(&format!("{{{}}}", "ä".repeat(64))).is_ok());
        assert_eq!(
            MergeError::Unclosed { at: 7 }.to_string(),
            "the brace at character 7 is never closed; write {{ for a brace that is to be sent"
        );
    }

    #[test]
    fn names_the_missing_field() {
        let missing = render("Hi {surname}").unwrap_err();
        assert_eq!(missing.to_string(), "there is no value for the field {surname}");
    }

    proptest! {
        #[test]
        fn never_panics(text in "[{}a\u{e9} ]{0,40}") {
            if let Ok(template) = Template::parse(&text) {
                prop_assert_eq!(Template::parse(&template.source()), Ok(template));
            }
        }

        #[test]
        fn escaped_text_renders_to_itself(text in any::<String>()) {
            prop_assert_eq!(Template::parse(&escape(&text)).unwrap().render(|_| None), Ok(text));
        }
    }
}
