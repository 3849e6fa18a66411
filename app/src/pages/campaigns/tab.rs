//! The tabs of a campaign's page, and what they load.
//!
//! One resource for all tabs, made where the page begins: what is made further in, within something that waits, is made
//! twice on the server and once in the browser, and the two then disagree on which answer belongs to which question.

use leptos::prelude::*;
use leptos_router::{hooks::use_query_map, params::ParamsMap};
use serde::{Deserialize, Serialize};

use crate::{
    api::{
        audit::AuditEntry,
        campaigns::{
            exports::{ExportView, campaign_exports},
            problems::{FailureGroup, JobErrors, campaign_audit, campaign_failures, campaign_job_errors},
            recipients::{RecipientPage, RecipientQuery, campaign_recipients},
        },
    },
    error::AppError,
    state::query::named,
};

/// The tabs; the address names one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Section {
    #[default]
    Parameters,
    Recipients,
    JobErrors,
    MessageErrors,
    Export,
    Audit,
}

impl Section {
    pub const ALL: [Self; 6] =
        [Self::Parameters, Self::Recipients, Self::JobErrors, Self::MessageErrors, Self::Export, Self::Audit];

    pub const fn label(self) -> &'static str {
        match self {
            Self::Parameters => "Parameters",
            Self::Recipients => "Recipients",
            Self::JobErrors => "Job errors",
            Self::MessageErrors => "Message errors",
            Self::Export => "Export",
            Self::Audit => "Audit",
        }
    }
}

/// What the address asks of the tabs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TabQuery {
    pub section: Section,
    pub recipients: RecipientQuery,
    /// The rejected lines behind this one.
    pub after_line: u64,
}

impl TabQuery {
    fn read(params: &ParamsMap) -> Self {
        let number = |key: &str| params.get_str(key).and_then(|text| text.parse().ok());
        Self {
            section: params.get_str("tab").and_then(named).unwrap_or_default(),
            recipients: RecipientQuery {
                state: params.get_str("state").and_then(named),
                from: number("from").unwrap_or_default(),
                found: number("found"),
            },
            after_line: params.get_str("after").and_then(|text| text.parse().ok()).unwrap_or_default(),
        }
    }
}

/// What a tab shows beyond the campaign itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Content {
    Nothing,
    Recipients(RecipientPage),
    JobErrors(JobErrors),
    MessageErrors(Vec<FailureGroup>),
    Exports(Vec<ExportView>),
    Audit(Vec<AuditEntry>),
}

/// The tab in the address, with its content.
#[derive(Debug, Clone, Copy)]
pub struct TabState {
    pub query: Memo<TabQuery>,
    pub content: Resource<Result<Content, AppError>>,
}

impl TabState {
    pub fn new(slug: String, id: Memo<String>) -> Self {
        let params = use_query_map();
        let query = Memo::new(move |_| params.with(TabQuery::read));
        let content = Resource::new(move || (id.get(), query.get()), move |(id, query)| load(slug.clone(), id, query));
        Self { query, content }
    }

    pub fn retry(self) -> Callback<()> {
        Callback::new(move |()| self.content.refetch())
    }
}

async fn load(slug: String, id: String, query: TabQuery) -> Result<Content, AppError> {
    Ok(match query.section {
        Section::Parameters => Content::Nothing,
        Section::Recipients => Content::Recipients(campaign_recipients(slug, id, query.recipients).await?),
        Section::JobErrors => Content::JobErrors(campaign_job_errors(slug, id, query.after_line).await?),
        Section::MessageErrors => Content::MessageErrors(campaign_failures(slug, id).await?),
        Section::Export => Content::Exports(campaign_exports(slug, id).await?),
        Section::Audit => Content::Audit(campaign_audit(slug, id).await?),
    })
}
