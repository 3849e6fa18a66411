//! What subscribers wrote to the workspace. Numbers go out masked unless they are revealed, which the audit log records.

use leptos::{prelude::*, server_fn::codec::Json};
use serde::{Deserialize, Serialize};

use crate::{error::AppError, state::moment::Moment};

/// Rows of a page.
pub const PAGE_ROWS: u32 = 50;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboundList {
    /// Newest first.
    pub rows: Vec<InboundRow>,
    /// Where the next page begins.
    pub next: Option<String>,
    pub may_reveal: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboundRow {
    pub id: String,
    pub at: Moment,
    /// `•••4567`, or the short code or name that is nobody's number.
    pub from: String,
    /// The SADDR that they wrote to.
    pub to: String,
    /// None: it is no text.
    pub text: Option<String>,
    pub keyword: Option<Keyword>,
}

/// What a message that is a keyword has led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keyword {
    Stop,
    Start,
    Help,
}

impl Keyword {
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Stop => "STOP, suppressed",
            Self::Start => "START",
            Self::Help => "HELP",
        }
    }
}

/// A full number beside its message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevealedFrom {
    pub id: String,
    pub from: String,
}

/// A page of the messages, masked; older than `before`.
#[server(input = Json)]
pub async fn inbound_messages(slug: String, before: Option<String>) -> Result<InboundList, AppError> {
    use domain::permission::{Permission, Reach};
    use store::recipients::Reveal;

    let scope = super::context::enter(&slug).await?;
    let page = store::inbound::page(&scope, place(before)?, PAGE_ROWS, Reveal::Masked).await?;
    Ok(InboundList {
        rows: page.rows.into_iter().map(|message| row(&scope, message)).collect(),
        next: page.next.map(|next| next.to_string()),
        may_reveal: scope.reach(Permission::RevealNumbers) != Reach::None,
    })
}

/// The full numbers of one page, for those who may see them; the audit log says who looked.
#[server(input = Json)]
pub async fn reveal_inbound(slug: String, before: Option<String>) -> Result<Vec<RevealedFrom>, AppError> {
    use domain::permission::kind::RevealNumbers;
    use store::recipients::Reveal;

    let scope = super::context::enter(&slug).await?;
    let proof = scope.grant::<RevealNumbers>()?;
    let page = store::inbound::page(&scope, place(before)?, PAGE_ROWS, Reveal::Full(&proof)).await?;
    Ok(page.rows.into_iter().map(|row| RevealedFrom { id: row.id.to_string(), from: row.from }).collect())
}

#[cfg(feature = "ssr")]
fn place(before: Option<String>) -> Result<Option<domain::id::InboundId>, AppError> {
    before.filter(|before| !before.is_empty()).map(|before| before.parse().map_err(|_| AppError::NotFound)).transpose()
}

#[cfg(feature = "ssr")]
fn row(scope: &store::Scope, message: store::inbound::InboundView) -> InboundRow {
    use domain::inbound::Wish;

    InboundRow {
        id: message.id.to_string(),
        at: Moment::of(scope, message.at_ms),
        from: message.from,
        to: message.saddr,
        text: message.text,
        keyword: message.wish.map(|wish| match wish {
            Wish::Stop => Keyword::Stop,
            Wish::Start => Keyword::Start,
            Wish::Help => Keyword::Help,
        }),
    }
}
