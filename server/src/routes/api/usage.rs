//! `GET /api/v1/usage`: what was sent in a month, as JSON or CSV.

use app::AppError;
use axum::{
    Json,
    extract::Query,
    http::header,
    response::{IntoResponse, Response},
};
use domain::{api_key::kind::UsageRead, id::SenderId, month::Month};
use serde::{Deserialize, Serialize};
use store::{
    recipients::push_cell,
    usage::{self, Totals, Usage},
};

use super::{caller::Caller, problem::Problem};

#[derive(Debug, Deserialize)]
pub struct Asked {
    month: Option<String>,
    format: Option<String>,
}

#[derive(Debug, Serialize)]
struct View {
    workspace: String,
    month: Month,
    /// The zone whose calendar the month is of.
    time_zone: String,
    #[serde(flatten)]
    totals: Totals,
    senders: Vec<Sender>,
}

#[derive(Debug, Serialize)]
struct Sender {
    id: Option<SenderId>,
    name: String,
    #[serde(flatten)]
    totals: Totals,
}

/// Which month is asked for; `now` when none is.
pub fn month(asked: Option<&str>, now: Option<Month>) -> Result<Month, Problem> {
    match asked {
        Some(month) => month.parse().map_err(|_| Problem::parameter("month", "Year and month, such as 2026-11.")),
        None => now.ok_or_else(|| AppError::NotFound.into()),
    }
}

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
        totals: usage.totals,
        senders: senders
            .map(|sender| Sender { id: sender.sender, name: sender.display_name, totals: sender.totals })
            .collect(),
    })
    .into_response())
}

/// A line for each sender name. There is none for the sum: a spreadsheet would add it in.
fn csv(usage: &Usage) -> String {
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
