//! `/api/v1/campaigns/{id}/numbers`: numbers for a Trigger campaign, and what became of each.

use std::collections::HashMap;

use app::{AppError, error::sentence};
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{api_key::kind::NumbersWrite, permission::kind::ControlCampaign, recipient::RecipientState};
use engine::trigger::{Answers, Arrival, KeepAnswer, NUMBERS_MAX, TriggerError};
use serde::{Deserialize, Serialize};
use store::{
    idempotency::{self, Answer, Seen},
    inbox, journal,
    recipients::{self, ErrorKind, PageQuery, RecipientView, Reveal},
};
use utoipa::ToSchema;

use super::{
    caller::{Caller, NumbersCaller},
    campaigns::campaign_id,
    page::time,
    posted::{self, Posted},
    problem::Problem,
};
use crate::state::AppState;

/// One number, or several as `numbers`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NumbersAsked {
    numbers: Option<Vec<Number>>,
    /// With `+`, or as in the workspace's country.
    number: Option<String>,
    /// The whole message, for a campaign that takes any text.
    text: Option<String>,
    /// The values of the template's fields, for a campaign that has one.
    fields: Option<HashMap<String, String>>,
    /// What you call it.
    reference: Option<String>,
}

/// One of several.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Number {
    number: String,
    text: Option<String>,
    fields: Option<HashMap<String, String>>,
    reference: Option<String>,
}

/// What became of the numbers of a request, in their order.
#[derive(Debug, Serialize, ToSchema)]
pub struct Taken {
    accepted: usize,
    refused: usize,
    items: Vec<Item>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Item {
    /// By this the campaign knows it from now on.
    recipient: Option<u32>,
    reference: Option<String>,
    /// Why it is none.
    refused: Option<Refused>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Refused {
    #[schema(value_type = String)]
    code: &'static str,
    #[schema(value_type = String)]
    parameter: &'static str,
    detail: String,
}

/// Hand in numbers
///
/// One, or up to 1,000. The answer comes when they are durable.
#[utoipa::path(post, path = "/api/v1/campaigns/{id}/numbers", params(("id" = String, Path)), request_body = NumbersAsked, responses((status = 202, body = Taken)))]
pub async fn add(
    State(state): State<AppState>,
    caller: NumbersCaller,
    Path(id): Path<String>,
    posted: Posted<NumbersAsked>,
) -> Result<Response, Problem> {
    let proof = caller.scope.grant_on_record::<NumbersWrite, ControlCampaign>(campaign_id(&id)?).await?;
    let request = posted.request(&caller.scope)?;
    let is_one = posted.value.number.is_some();
    let arrivals = arrivals(posted.value)?;
    caller.take(&state, arrivals.len())?;
    let references: Vec<Option<String>> = arrivals.iter().map(|arrival| arrival.reference.clone()).collect();
    let write = move |answers: &Answers| Taken::new(answers, &references);

    // Held until the answer is durable.
    let _turn = match &request {
        Some(request) => Some(idempotency::turn(&caller.scope, request).ok_or_else(posted::running)?),
        None => None,
    };
    let take = || {
        let keep = request.clone().map(|request| -> KeepAnswer {
            let (write, now_ms) = (write.clone(), state.services.gate.now_ms());
            Box::new(move |answers| {
                let body = serde_json::to_string(&write(answers)).unwrap_or_default();
                request.with(Answer { status: StatusCode::ACCEPTED.as_u16(), body }, now_ms)
            })
        });
        state.services.engine.trigger(&proof, arrivals.clone(), keep)
    };
    let mut taken = take().await;
    // A key that was used before has an answer: it is given again, whatever the campaign takes by now.
    if let Some(request) = request.as_ref().filter(|_| !is_taken(&taken)) {
        match idempotency::look(&caller.scope, request).await? {
            Seen::First(()) => {}
            Seen::Before(answer) => return Ok(posted::again(&answer)),
            Seen::Running => return Err(posted::running()),
            Seen::Other => return Err(posted::of_another_request()),
        }
        // The answer that was in the way was a day old.
        if matches!(taken, Err(TriggerError::Store(store::Error::Moved))) {
            taken = take().await;
        }
    }
    let answers = taken?;
    if answers.iter().all(Result::is_err) {
        let name = |at: usize, field: &str| if is_one { field.to_owned() } else { format!("numbers[{at}].{field}") };
        let refused = answers.iter().enumerate().filter_map(|(at, answer)| answer.as_ref().err().map(|it| (at, it)));
        return Err(Problem::fields(refused.map(|(at, it)| (name(at, it.field()), sentence(&it.to_string())))));
    }
    Ok((StatusCode::ACCEPTED, Json(write(&answers))).into_response())
}

fn is_taken(taken: &Result<Answers, TriggerError>) -> bool {
    taken.as_ref().is_ok_and(|answers| answers.iter().any(Result::is_ok))
}

/// The numbers of the body.
fn arrivals(asked: NumbersAsked) -> Result<Vec<Arrival>, Problem> {
    let is_one = asked.number.is_some();
    let alone = Arrival {
        number: asked.number.unwrap_or_default(),
        text: asked.text,
        fields: asked.fields.unwrap_or_default(),
        reference: asked.reference,
    };
    match asked.numbers {
        None if is_one => Ok(vec![alone]),
        Some(numbers) if !is_one && alone == Arrival::default() => {
            if numbers.is_empty() || numbers.len() > NUMBERS_MAX {
                return Err(Problem::parameter(
                    "numbers",
                    format!("A list of 1 to {NUMBERS_MAX} numbers is expected."),
                ));
            }
            let read = |number: Number| Arrival {
                number: number.number,
                text: number.text,
                fields: number.fields.unwrap_or_default(),
                reference: number.reference,
            };
            Ok(numbers.into_iter().map(read).collect())
        }
        _ => Err(Problem::parameter("number", "Give one number as number, or several as numbers.")),
    }
}

impl Taken {
    fn new(answers: &Answers, references: &[Option<String>]) -> Self {
        let items = answers.iter().zip(references).map(|(answer, reference)| Item {
            recipient: answer.as_ref().ok().copied(),
            reference: reference.clone(),
            refused: answer.as_ref().err().map(|refused| Refused {
                code: refused.code(),
                parameter: refused.field(),
                detail: sentence(&refused.to_string()),
            }),
        });
        let items: Vec<Item> = items.collect();
        let accepted = items.iter().filter(|item| item.recipient.is_some()).count();
        Self { accepted, refused: items.len() - accepted, items }
    }
}

impl From<TriggerError> for Problem {
    fn from(error: TriggerError) -> Self {
        match error {
            TriggerError::Store(store::Error::Moved) => {
                Self::conflict("A request with this Idempotency-Key was answered in the meantime: repeat it.")
            }
            TriggerError::Store(cause) => cause.into(),
            refusal => Self::conflict(sentence(&refusal.to_string())),
        }
    }
}

/// What is known of one recipient; no number.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NumberState)]
pub struct View {
    recipient: u32,
    reference: Option<String>,
    #[schema(value_type = String)]
    state: RecipientState,
    segments: Option<u8>,
    sent_at: Option<String>,
    settled_at: Option<String>,
    /// Why it failed.
    error: Option<Reason>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NumberFailure)]
pub struct Reason {
    /// `command_status` of the carrier's answer, `carrier_code` or `message_state` of its receipt, or `withheld` by us, with its `code`: 1 the number is on the suppression list; by the policy of the channel 11 it is on the blacklist, 12 and 13 it had its messages of the day and of seven days, 14 it had the same text.
    #[schema(value_type = String)]
    kind: &'static str,
    code: u32,
}

impl From<RecipientView> for View {
    fn from(view: RecipientView) -> Self {
        let status = view.status;
        Self {
            recipient: view.index,
            reference: view.reference,
            state: status.state,
            segments: Some(view.segments),
            sent_at: status.submitted_at_ms.map(time),
            settled_at: status.done_at_ms.map(time),
            error: status.error.map(|error| Reason {
                kind: match error.kind {
                    ErrorKind::CommandStatus => "command_status",
                    ErrorKind::CarrierCode => "carrier_code",
                    ErrorKind::MessageState => "message_state",
                    ErrorKind::Withheld => "withheld",
                },
                code: error.code,
            }),
        }
    }
}

/// What became of a number
///
/// By the `recipient` that its request was answered with.
#[utoipa::path(get, path = "/api/v1/campaigns/{id}/numbers/{recipient}", params(("id" = String, Path), ("recipient" = u32, Path)), responses((status = 200, body = View)))]
pub async fn show(
    Caller(caller): Caller,
    Path((id, recipient)): Path<(String, String)>,
) -> Result<Json<View>, Problem> {
    let id = campaign_id(&id)?;
    let proof = caller.grant_on::<NumbersWrite, ControlCampaign>(id).await?;
    let recipient: u32 = recipient.parse().map_err(|_| AppError::NotFound)?;
    // First the inbox: what leaves it in between is in the journal.
    let accepted = inbox::has(&proof, id, recipient).await?;
    let tail = journal::tail(&proof, id).await?;
    let query = PageQuery { from: recipient, limit: 1, ..PageQuery::default() };
    let page = recipients::page(&proof, id, query, Reveal::Masked, &tail).await?;
    match page.rows.into_iter().find(|row| row.index == recipient) {
        Some(row) => Ok(Json(row.into())),
        None if accepted => Ok(Json(View {
            recipient,
            reference: None,
            state: RecipientState::Waiting,
            segments: None,
            sent_at: None,
            settled_at: None,
            error: None,
        })),
        None => Err(AppError::NotFound.into()),
    }
}
