//! Bodies as they go over the wire, both ways: the client writes what the simulated registry reads, and the other way round.

pub(crate) mod brand;
pub(crate) mod campaign;

use serde::{Deserialize, Serialize};

use crate::error::Problem;

/// A list's page.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PageBody<T> {
    pub records: Vec<T>,
    #[serde(default)]
    pub page: u32,
    #[serde(default)]
    pub total_records: u64,
}

/// An error. Older versions name one `field`, newer ones `fields`. What has no code and no description is none of the
/// registry's.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ErrorBody {
    pub code: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    #[serde(default)]
    pub fields: Vec<String>,
    pub description: String,
}

/// The registry answers with one error or with a list.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum ErrorAnswer {
    Many(Vec<ErrorBody>),
    One(ErrorBody),
}

impl From<ErrorBody> for Problem {
    fn from(body: ErrorBody) -> Self {
        let mut fields = body.fields;
        if let Some(field) = body.field.filter(|field| !field.is_empty() && !fields.contains(field)) {
            fields.push(field);
        }
        Self { code: body.code, description: body.description, fields }
    }
}

impl From<Problem> for ErrorBody {
    fn from(problem: Problem) -> Self {
        Self { code: problem.code, field: None, fields: problem.fields, description: problem.description }
    }
}

impl ErrorAnswer {
    pub fn into_problems(self) -> Vec<Problem> {
        match self {
            Self::Many(bodies) => bodies.into_iter().map(Problem::from).collect(),
            Self::One(body) => vec![body.into()],
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NumberBody {
    pub phone_number: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SubscriptionBody {
    pub event_category: String,
    pub webhook_endpoint: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CodeBody {
    pub otp_pin: String,
}
