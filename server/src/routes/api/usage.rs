//! `GET /api/v1/usage`: what was sent in a month, as JSON or CSV.

use app::AppError;
use axum::{
    Json,
    http::header,
    response::{IntoResponse, Response},
};
use domain::{api_key::kind::UsageRead, id::SenderId, month::Month};
use serde::{Deserialize, Serialize};
use store::{
    recipients::push_cell,
    usage::{self, Counts, Totals, Usage},
};
use utoipa::{IntoParams, ToSchema};

use super::{asked::Asked as Query, caller::Caller, named, problem::Problem};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// Such as `2026-11`; the one at hand when it is left out.
    #[param(pattern = "^[0-9]{4}-[0-9]{2}$")]
    month: Option<String>,
    /// `json` or `csv`.
    format: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Usage)]
pub struct View {
    workspace: String,
    #[schema(value_type = String)]
    month: Month,
    /// The zone whose calendar the month is of.
    time_zone: String,
    #[serde(flatten)]
    totals: Sums,
    senders: Vec<Sender>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SenderUsage)]
struct Sender {
    #[schema(value_type = Option<String>, format = Uuid)]
    id: Option<SenderId>,
    name: String,
    #[serde(flatten)]
    totals: Sums,
}

/// Counts of what was sent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UsageCounts)]
pub struct Sums {
    /// In which something happened in the month.
    campaigns: u64,
    #[schema(schema_with = named::sent)]
    messages: Counts,
    #[schema(schema_with = named::sent)]
    segments: Counts,
}

impl From<Totals> for Sums {
    fn from(Totals { campaigns, messages, segments }: Totals) -> Self {
        Self { campaigns, messages, segments }
    }
}

/// Which month is asked for; `now` when none is.
pub fn month(asked: Option<&str>, now: Option<Month>) -> Result<Month, Problem> {
    match asked {
        Some(month) => month.parse().map_err(|_| Problem::parameter("month", "Year and month, such as 2026-11.")),
        None => now.ok_or_else(|| AppError::NotFound.into()),
    }
}

/// Usage of a month
///
/// What was sent in a month of the workspace's calendar, as a whole and by sender name.
#[utoipa::path(get, path = "/api/v1/usage", params(Asked), responses((status = 200, content((View = "application/json"), (String = "text/csv")))))]
pub async fn show(Caller(caller): Caller, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let proof = caller.grant::<UsageRead>()?;
    let month = month(asked.month.as_deref(), usage::month_now(&proof))?;
    let as_csv = match asked.format.as_deref() {
        None | Some("json") => false,
        Some("csv") => true,
        Some(_) => return Err(Problem::parameter("format", "json or csv is expected.")),
    };
    let usage = usage::of_month(&proof, month).await?;
    let workspace = caller.workspace();
    if as_csv {
        let name = format!("attachment; filename=\"usage-{}-{month}.csv\"", workspace.slug);
        let headers =
            [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)];
        return Ok((headers, csv(&usage)).into_response());
    }
    let senders = usage.senders.into_iter();
    Ok(Json(View {
        workspace: workspace.slug.to_string(),
        month,
        time_zone: workspace.time_zone.clone(),
        totals: usage.totals.into(),
        senders: senders
            .map(|sender| Sender { id: sender.sender, name: sender.display_name, totals: sender.totals.into() })
            .collect(),
    })
    .into_response())
}

/// A line for each sender name. There is none for the sum: a spreadsheet would add it in.
pub fn csv(usage: &Usage) -> String {
    let mut text = String::from(
        "month,sender_id,sender,campaigns,messages_sent,messages_delivered,messages_failed,segments_sent,\
         segments_delivered,segments_failed\r\n",
    );
    for sender in &usage.senders {
        let Totals { campaigns, messages, segments } = sender.totals;
        let id = sender.sender.map(|id| id.to_string()).unwrap_or_default();
        text.push_str(&format!("{},{id},", usage.month));
        push_cell(&mut text, &sender.display_name);
        let counts = [
            campaigns,
            messages.sent,
            messages.delivered,
            messages.failed,
            segments.sent,
            segments.delivered,
            segments.failed,
        ];
        for count in counts {
            text.push_str(&format!(",{count}"));
        }
        text.push_str("\r\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use store::usage::{Counts, SenderUsage};

    use super::*;

    #[test]
    fn a_line_for_each_sender() {
        let totals = Totals {
            campaigns: 2,
            messages: Counts { sent: 10, delivered: 8, failed: 1 },
            segments: Counts { sent: 20, delivered: 16, failed: 2 },
        };
        let senders = vec![SenderUsage { sender: None, display_name: "=Shop, main".into(), totals }];
        let usage = Usage { month: "2026-11".parse().unwrap(), totals, senders };
        let lines: Vec<String> = csv(&usage).lines().map(str::to_owned).collect();
        assert_eq!(lines[1..], ["2026-11,,\"'=Shop, main\",2,10,8,1,20,16,2"]);
        assert_eq!(lines[0].split(',').count(), 10);
    }
}
