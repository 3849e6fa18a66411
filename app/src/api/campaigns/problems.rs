//! What went wrong: lines that are no recipients, messages that failed; and what is on record about a campaign.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{api::audit::AuditEntry, error::AppError};

/// Why a message failed, in the words of whoever refused it and in a person's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Such as `0x0000000b ESME_RINVDSTADR`.
    pub code: String,
    pub meaning: String,
    /// Who says so, and when.
    pub context: String,
}

/// Messages that failed for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailureGroup {
    pub problem: Problem,
    pub recipients: u64,
    /// Some of them, masked, with their places in the list.
    pub samples: Vec<(u32, String)>,
}

/// What kept the campaign or a line of its file from being sent at all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobErrors {
    /// Why the file could not be read.
    pub upload: Option<String>,
    pub file_name: Option<String>,
    pub rejects: Vec<RejectRow>,
    /// There are more behind this line.
    pub next: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectRow {
    pub line: u64,
    pub reason: String,
    /// How the line begins; its digits are masked but for the last.
    pub text: String,
}

/// Rows of a page of rejects.
pub const PAGE_ROWS: u32 = 100;

/// Errors of the job: the file as a whole, and its lines behind `after_line`.
#[server]
pub async fn campaign_job_errors(slug: String, id: String, after_line: u64) -> Result<JobErrors, AppError> {
    use store::{campaigns::uploads, recipients};

    let scope = crate::api::context::enter(&slug).await?;
    let campaign = store::campaigns::find(&scope, super::campaign_id(&id)?).await?;
    let upload = uploads::find(&scope, campaign.id).await?;
    let limit = PAGE_ROWS as usize;
    let mut rejects =
        recipients::rejects_page(&scope, campaign.id, after_line, limit + 1, recipients::Reveal::Masked).await?;
    let more = rejects.len() > limit;
    rejects.truncate(limit);
    Ok(JobErrors {
        file_name: upload.as_ref().map(|upload| upload.file_name.clone()),
        upload: upload.and_then(|upload| match upload.state {
            uploads::UploadState::Failed { reason } => Some(reason),
            _ => None,
        }),
        next: rejects.last().filter(|_| more).map(|reject| reject.line),
        rejects: rejects
            .into_iter()
            .map(|reject| RejectRow { line: reject.line, reason: reject.reason.to_string(), text: reject.text })
            .collect(),
    })
}

/// Why messages failed, most frequent first, with some of the recipients.
#[server]
pub async fn campaign_failures(slug: String, id: String) -> Result<Vec<FailureGroup>, AppError> {
    use domain::recipient::RecipientState;
    use store::recipients::{ErrorKind, PageQuery, Reveal};

    const SEARCHED: usize = 500;
    const SAMPLES: usize = 3;

    let scope = crate::api::context::enter(&slug).await?;
    let id = super::campaign_id(&id)?;
    store::campaigns::find(&scope, id).await?;
    let failures = store::journal::failures(&scope, id).await?;
    let tail = store::journal::tail(&scope, id).await?;
    let query = |state| PageQuery { from: 0, state: Some(state), limit: SEARCHED };
    let mut failed =
        store::recipients::page(&scope, id, query(RecipientState::Failed), Reveal::Masked, &tail).await?.rows;
    if failures.iter().any(|failure| failure.reason.is_some_and(|reason| reason.kind == ErrorKind::Withheld)) {
        let withheld = query(RecipientState::NotSent);
        failed.extend(store::recipients::page(&scope, id, withheld, Reveal::Masked, &tail).await?.rows);
    }
    Ok(failures
        .into_iter()
        .map(|failure| FailureGroup {
            problem: Problem::of(failure.reason),
            recipients: failure.recipients,
            samples: failed
                .iter()
                .filter(|row| row.status.error == failure.reason)
                .take(SAMPLES)
                .map(|row| (row.index, row.number.clone()))
                .collect(),
        })
        .collect())
}

/// Everything on record about a campaign, oldest first.
#[server]
pub async fn campaign_audit(slug: String, id: String) -> Result<Vec<AuditEntry>, AppError> {
    use domain::permission::kind::ViewCampaignAudit;

    let scope = crate::api::context::enter(&slug).await?;
    let proof = scope.grant_on::<ViewCampaignAudit>(super::campaign_id(&id)?).await?;
    let records = store::audit::of_campaign(&proof).await?;
    let zone = scope.zone();
    Ok(records.into_iter().map(|record| crate::api::audit::entry(zone.as_ref(), record)).collect())
}

#[cfg(feature = "ssr")]
impl Problem {
    /// None: it failed on our side.
    pub fn of(error: Option<store::recipients::SendError>) -> Self {
        use domain::smpp_status::{ReceiptState, describe};
        use store::recipients::ErrorKind;

        let Some(error) = error else {
            return Self {
                code: "not sent in full".to_owned(),
                meaning: "A part of the message never went out, or its text could not be made.".to_owned(),
                context: "Message Center".to_owned(),
            };
        };
        let code = error.code;
        match error.kind {
            ErrorKind::CommandStatus => {
                let status = describe(code);
                Self {
                    code: status.to_string(),
                    meaning: status.meaning.to_owned(),
                    context: "Refused at submission (submit_sm_resp)".to_owned(),
                }
            }
            ErrorKind::CarrierCode => Self {
                code: format!("err:{code:03}"),
                meaning: "The carrier accepted it and could not deliver it. The code is the carrier's own: its \
                          documentation says what it means."
                    .to_owned(),
                context: "Reported after acceptance (receipt)".to_owned(),
            },
            ErrorKind::Withheld => {
                let listed = "Not sent: the number came onto the suppression list after its file was read.";
                let (code, meaning, context) = match error.policy() {
                    Some(why) => (why.code(), why.meaning(), "Policy of the channel"),
                    None => ("suppressed", listed, "Message Center"),
                };
                Self { code: code.to_owned(), meaning: meaning.to_owned(), context: context.to_owned() }
            }
            ErrorKind::MessageState => {
                let state = u8::try_from(code).ok().and_then(ReceiptState::from_message_state);
                Self {
                    code: state.map_or_else(|| format!("message_state {code}"), |state| state.stat().to_owned()),
                    meaning: state
                        .map_or("The carrier reported a state that the standard does not know.", |state| {
                            state.meaning()
                        })
                        .to_owned(),
                    context: "Reported after acceptance (receipt)".to_owned(),
                }
            }
        }
    }
}
