//! What all lists have in common: a bound, and a cursor to the next page.

use std::str::FromStr;

use domain::schedule::Zone;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::problem::Problem;

const LIMIT_DEFAULT: u32 = 50;
const LIMIT_MAX: u32 = 200;

/// As it stands in the query; texts, so that each is refused by its name.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// 1 to 200; 50 when it is left out.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    limit: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Give it as `cursor` for the page behind this one; null at the end.
    pub next_cursor: Option<String>,
}

impl Paging {
    pub const fn new(limit: Option<String>, cursor: Option<String>) -> Self {
        Self { limit, cursor }
    }

    pub fn limit(&self) -> Result<u32, Problem> {
        let Some(limit) = self.limit.as_deref() else { return Ok(LIMIT_DEFAULT) };
        let limit = limit.parse().ok().filter(|limit| (1..=LIMIT_MAX).contains(limit));
        limit.ok_or_else(|| Problem::parameter("limit", format!("A number from 1 to {LIMIT_MAX} is expected.")))
    }

    /// Where the page before ended; None on the first one.
    pub fn cursor<T: FromStr>(&self) -> Result<Option<T>, Problem> {
        let Some(cursor) = self.cursor.as_deref() else { return Ok(None) };
        let known = cursor.parse().map(Some);
        known.map_err(|_| Problem::parameter("cursor", "Take next_cursor of the page before, as it is."))
    }
}

/// RFC 3339, in UTC.
pub fn time(at_ms: i64) -> String {
    let text = Zone::utc().format_exact(at_ms);
    format!("{}Z", text.trim_end_matches(" +00:00").replace(' ', "T"))
}
