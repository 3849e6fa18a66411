//! Test messages: the list of numbers, sending one, and what became of them.

use domain::test_send::TestState;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{error::AppError, state::moment::Moment};

/// Test messages that the page of a campaign shows.
#[cfg(feature = "ssr")]
const SHOWN: u32 = 20;

/// The test list, for admins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestListView {
    pub numbers: Vec<TestNumberView>,
    pub a_day_max: u32,
    pub left_today: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestNumberView {
    pub id: String,
    pub label: String,
    /// Masked: the label says whose it is.
    pub number: String,
    pub by: String,
    pub added: Moment,
}

/// What the page for sending a test shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestView {
    pub name: String,
    pub text: String,
    /// The merge fields of the text, with the values of the first recipient.
    pub fields: Vec<(String, String)>,
    /// What phones will show.
    pub saddr: Option<String>,
    /// SMPP values of an admin, which a test does not use.
    pub overridden: bool,
    pub numbers: Vec<TestNumberView>,
    pub left_today: u32,
    pub a_day_max: u32,
    /// A test can be sent in this status.
    pub open: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestSendView {
    pub id: String,
    pub at: Moment,
    pub to: String,
    pub by: String,
    pub version: u32,
    pub text: String,
    pub segments: u32,
    pub state: TestState,
    /// What the carrier or the Core said, in words.
    pub problem: Option<String>,
}

/// The test list of the workspace.
#[server]
pub async fn test_list(slug: String) -> Result<TestListView, AppError> {
    use domain::permission::kind::ManageWorkspace;

    let scope = super::context::enter(&slug).await?;
    let proof = scope.grant::<ManageWorkspace>()?;
    let list = store::test_sends::list(&proof).await?;
    Ok(TestListView {
        left_today: list.left_on(&store::test_sends::today(&scope)),
        a_day_max: list.a_day_max,
        numbers: list.numbers.into_iter().map(|number| shown(&scope, number)).collect(),
    })
}

/// Puts a number on the list.
#[server]
pub async fn add_test_number(slug: String, label: String, number: String) -> Result<(), AppError> {
    let scope = super::context::enter(&slug).await?;
    store::test_sends::add(&scope.grant()?, &label, &number).await?;
    leptos_axum::redirect(&format!("/w/{slug}/settings/test-numbers"));
    Ok(())
}

/// Takes a number off the list.
#[server]
pub async fn remove_test_number(slug: String, number: String) -> Result<(), AppError> {
    let scope = super::context::enter(&slug).await?;
    let proof = scope.grant()?;
    store::test_sends::remove(&proof, number.parse().map_err(|_| AppError::NotFound)?).await?;
    leptos_axum::redirect(&format!("/w/{slug}/settings/test-numbers"));
    Ok(())
}

/// Says how many test messages there may be a day.
#[server]
pub async fn cap_tests(slug: String, a_day_max: String) -> Result<(), AppError> {
    let scope = super::context::enter(&slug).await?;
    let proof = scope.grant()?;
    let a_day_max = a_day_max.trim().parse().map_err(|_| AppError::field("a_day_max", "Give a whole number."))?;
    store::test_sends::set_cap(&proof, a_day_max).await?;
    leptos_axum::redirect(&format!("/w/{slug}/settings/test-numbers"));
    Ok(())
}

/// The page for sending a test of a campaign.
#[server]
pub async fn campaign_tests(slug: String, id: String) -> Result<TestView, AppError> {
    use domain::{merge::Template, permission::kind::EditCampaign};

    let scope = super::context::enter(&slug).await?;
    let proof = scope.grant_on::<EditCampaign>(super::campaigns::campaign_id(&id)?).await?;
    let campaign = proof.campaign();
    let first = store::recipients::sample_values(&scope, campaign.id, 1).await?.into_iter().next().unwrap_or_default();
    let fields =
        Template::parse(campaign.parameters.template()).map(|template| template.fields().to_vec()).unwrap_or_default();
    let list = store::test_sends::list(&scope).await?;
    Ok(TestView {
        name: campaign.parameters.name.clone(),
        text: campaign.parameters.text.clone(),
        fields: fields
            .into_iter()
            .map(|field| {
                let value = first.get(&field).cloned().unwrap_or_default();
                (field, value)
            })
            .collect(),
        saddr: campaign.parameters.sender.as_ref().map(|sender| sender.addressing.saddr.to_string()),
        overridden: campaign.parameters.overrides.is_some(),
        left_today: list.left_on(&store::test_sends::today(&scope)),
        a_day_max: list.a_day_max,
        numbers: list.numbers.into_iter().map(|number| shown(&scope, number)).collect(),
        open: store::test_sends::is_testable(campaign),
    })
}

/// The test messages of a campaign, newest first.
#[server]
pub async fn sent_tests(slug: String, id: String) -> Result<Vec<TestSendView>, AppError> {
    use domain::permission::kind::EditCampaign;

    let scope = super::context::enter(&slug).await?;
    let proof = scope.grant_on::<EditCampaign>(super::campaigns::campaign_id(&id)?).await?;
    let sends = store::test_sends::of_campaign(&scope, proof.campaign().id, SHOWN).await?;
    Ok(sends.into_iter().map(|send| sent(&scope, send)).collect())
}

/// A value of a merge field, as it was typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypedField {
    pub name: String,
    #[serde(default)]
    pub value: String,
}

/// Sends a test: claimed on record, then handed over, once.
#[server]
pub async fn send_test(
    slug: String,
    id: String,
    number: String,
    #[server(default)] fields: Vec<TypedField>,
) -> Result<(), AppError> {
    use domain::permission::kind::EditCampaign;

    let engine = super::context::services()?.engine;
    let scope = super::context::enter(&slug).await?;
    let proof = scope.grant_on::<EditCampaign>(super::campaigns::campaign_id(&id)?).await?;
    let number = number.parse().map_err(|_| AppError::field("number", "Choose a number of the test list."))?;
    if engine.channels().is_empty() {
        return Err(AppError::unavailable(
            "SMS Core cannot be reached, so no test can be sent. Try again in a moment.",
        ));
    }
    let fields = fields.into_iter().map(|field| (field.name, field.value)).collect();
    let order = store::test_sends::TestOrder { number, fields, pools: engine.pools() };
    let test = store::test_sends::claim(&proof, &order).await?;
    engine.send_test(test);
    leptos_axum::redirect(&format!("/w/{slug}/campaigns/{id}/test"));
    Ok(())
}

#[cfg(feature = "ssr")]
fn shown(scope: &store::Scope, number: domain::test_send::TestNumber) -> TestNumberView {
    TestNumberView {
        id: number.id.to_string(),
        label: number.label,
        number: number.number.masked(),
        by: number.added_by_name,
        added: Moment::of(scope, number.added_at_ms),
    }
}

#[cfg(feature = "ssr")]
fn sent(scope: &store::Scope, send: domain::test_send::TestSend) -> TestSendView {
    use domain::test_send::TestPart;

    let said = send.parts.iter().find_map(|part| match part {
        TestPart::Refused { command_status } => {
            Some(super::campaigns::problems::Problem::of(Some(store::recipients::SendError {
                kind: store::recipients::ErrorKind::CommandStatus,
                code: *command_status,
            })))
        }
        TestPart::Failed { error, .. } => Some(super::campaigns::problems::Problem::of(
            error.map(|code| store::recipients::SendError { kind: store::recipients::ErrorKind::CarrierCode, code }),
        )),
        _ => None,
    });
    TestSendView {
        id: send.id.to_string(),
        at: Moment::of(scope, send.at_ms),
        state: send.state(),
        to: format!("{} ({})", send.label, send.number.masked()),
        by: send.by_name,
        version: send.version,
        segments: u32::try_from(send.parts.len()).unwrap_or(u32::MAX),
        text: send.text,
        problem: send.problem.or_else(|| said.map(|problem| format!("{}: {}", problem.code, problem.meaning))),
    }
}
