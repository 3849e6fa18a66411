//! What can go wrong between a caller and the data.

use domain::campaign::Refusal;

/// Every failure of this crate. Messages are safe to show; causes go to the log where they arise.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It does not exist, or it is not yours: deliberately the same.
    #[error("not found")]
    NotFound,
    /// You see it, and may not do this.
    #[error("your role does not allow this")]
    Forbidden,
    /// You would be allowed to, were the workspace not archived.
    #[error("this workspace is archived: everything can be read, and nothing changed until a super admin restores it")]
    Archived,
    #[error("sign in first")]
    SignedOut,
    /// Signed in, and nothing is open before a second factor is set up.
    #[error("this installation asks for a second factor; set it up first")]
    SecondFactorMissing,
    /// Guesses are slowed down.
    #[error("too many attempts; try again in {seconds} s")]
    TooMany { seconds: u32 },
    /// More work than can be taken on at the moment.
    #[error("too many people sign in at this moment; try again in some seconds")]
    Busy,
    /// A rule of a campaign's life refused it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Somebody else changed it in the meantime; `what` says what and by whom.
    #[error("{what}")]
    Stale { what: String },
    /// The record was written by somebody else between reading and writing: read again and retry.
    #[error("somebody else changed this in the meantime; reload and look again")]
    Moved,
    /// A value is not acceptable; `field` names the form field.
    #[error("{message}")]
    Invalid { field: &'static str, message: String },
    /// Cannot be reached or answered an error: try again.
    #[error("the database cannot be used right now; nothing was changed")]
    Unavailable,
    /// A write whose outcome is unknown: look before doing it again.
    #[error("the database did not say whether this was saved; reload and look before doing it again")]
    Unknown,
    /// The database holds something that this program cannot read.
    #[error("a stored record is damaged")]
    Corrupt,
    #[error(
        "the database was written by a newer version of Message Center (schema {found}, this program knows {known}); start that version"
    )]
    NewerSchema { found: u32, known: u32 },
    #[error("{0}")]
    Setup(String),
}

impl Error {
    pub(crate) fn invalid(field: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid { field, message: message.into() }
    }
}
