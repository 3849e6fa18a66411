//! Why no recipients came of a file, in words for the person who uploaded it.

use std::io;

use domain::{campaign::IngestReport, reject::RejectReason};
use recipient_file::FileError;

/// Why no recipients came of a file. Messages are for the person; causes are kept as sources.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("the file is cut off: {received} of {expected} bytes have arrived; upload the rest")]
    Cut { expected: u64, received: u64 },
    /// The report and the rejects are stored all the same.
    #[error("{}", no_recipients(.report, .first))]
    NoRecipients { report: IngestReport, first: Option<(u64, RejectReason)> },
    #[error("with this text the message of {recipients} recipients is empty or too long; shorten it")]
    Unsendable { recipients: u64 },
    #[error("the reading was stopped")]
    Cancelled,
    #[error("the uploaded file cannot be read on the server")]
    Io(#[from] io::Error),
    #[error(transparent)]
    Store(#[from] store::Error),
}

fn no_recipients(report: &IngestReport, first: &Option<(u64, RejectReason)>) -> String {
    let IngestReport { lines, invalid, duplicate, suppressed, .. } = report;
    let none = if *lines == 1 { "the only line is no recipient" } else { "none of the lines is a recipient" };
    let mut text = format!("{none} ({invalid} invalid, {duplicate} duplicate, {suppressed} suppressed)");
    if let Some((line, reason)) = first {
        text.push_str(&format!("; line {line}: {reason}"));
    }
    text
}
