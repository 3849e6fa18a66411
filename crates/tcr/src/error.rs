//! What the registry says when it does not do something, and what we say when it says nothing.

use std::fmt;

use domain::tendlc::Rule;

/// One entry of the registry's list of errors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub code: i64,
    /// The registry's words. Names fields, never their content.
    pub description: String,
    /// As the API calls them; empty: it is about no field.
    pub fields: Vec<String>,
}

/// Why a call did not come to its end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It was understood and refused; the same again is refused again.
    #[error("the registry refused it: {}", Sentences(.0))]
    Refused(Vec<Problem>),
    /// Not there, or deleted.
    #[error("the registry has no such record")]
    NotFound,
    #[error("the registry does not accept the API key; look at the registry's settings")]
    Unauthorised,
    /// Its limits were still exceeded after all the waiting that the settings allow.
    #[error("the registry is busy; try again in {retry_after_s} s")]
    Busy { retry_after_s: u64 },
    /// No answer, or an error of its own, after all tries. Whether a change was made is not known: the same call with the
    /// same reference finds out.
    #[error("the registry does not answer ({0}); try again later")]
    Unavailable(Cause),
    /// An answer that is none of the registry's.
    #[error(
        "the registry's answer could not be read; if it stays so, look whether url in [registry] of the configuration is the registry's address"
    )]
    Unreadable,
}

/// Why there was no answer. Holds no URL, since queries can tell things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    Connect,
    TimeOut,
    /// The connection ended before the answer did.
    Cut,
    Status(u16),
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect => f.write_str("no connection"),
            Self::TimeOut => f.write_str("timed out"),
            Self::Cut => f.write_str("the connection was cut"),
            Self::Status(status) => write!(f, "status {status}"),
        }
    }
}

struct Sentences<'a>(&'a [Problem]);

impl fmt::Display for Sentences<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str("; ")?;
            }
            if !problem.fields.is_empty() {
                write!(f, "{}: ", problem.fields.join(", "))?;
            }
            f.write_str(problem.description.trim_end_matches('.'))?;
        }
        Ok(())
    }
}

impl Problem {
    #[must_use]
    pub fn new(code: i64, field: &str, description: impl Into<String>) -> Self {
        let fields = if field.is_empty() { Vec::new() } else { vec![field.to_owned()] };
        Self { code, description: description.into(), fields }
    }

    pub(crate) fn of_rule(field: &str, rule: &Rule) -> Self {
        Self::new(code::INVALID, field, rule.to_string())
    }

    fn is_about_reference(&self) -> bool {
        let text = self.description.to_lowercase();
        self.fields.iter().any(|field| field.eq_ignore_ascii_case("referenceId"))
            && ["duplicate", "exist", "unique", "already", "in use"].iter().any(|word| text.contains(word))
    }
}

/// Codes in the registry's errors that we act upon, or that the simulated registry gives.
pub mod code {
    /// A field is wrong.
    pub const INVALID: i64 = 501;
    /// The record is not there (registry documentation, "Brand Deletion").
    pub const NOT_FOUND: i64 = 502;
    pub const DUPLICATE: i64 = 503;
    pub const NOT_ALLOWED: i64 = 504;
}

impl Error {
    /// Whether the registry has the reference already: somebody, most likely we, came before.
    pub(crate) fn is_duplicate_reference(&self) -> bool {
        matches!(self, Self::Refused(problems) if problems.iter().any(Problem::is_about_reference))
    }

    /// Whether what was asked for may have been done, or may still be done: the registry got it, and its answer did not come.
    /// An error of the registry's own says that it has ended; one of a gateway does not.
    #[must_use]
    pub const fn is_unsure(&self) -> bool {
        match self {
            Self::Unavailable(Cause::TimeOut | Cause::Cut | Cause::Status(502 | 504)) | Self::Unreadable => true,
            Self::Unavailable(Cause::Connect | Cause::Status(_))
            | Self::Refused(_)
            | Self::NotFound
            | Self::Unauthorised
            | Self::Busy { .. } => false,
        }
    }

    /// Whether the same call may succeed later.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        matches!(self, Self::Busy { .. } | Self::Unavailable(_) | Self::Unreadable)
    }
}
