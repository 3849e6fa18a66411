//! The engine's links as pages show them, and its refusals as answers to people.

use domain::channel::ChannelId;
use engine::{
    InboundConfig, LinkState, LinkStatus, UNCONFIRMED,
    links::{BindTest, LinkOrigin, LinkRefusal, LinkSheet},
};

use super::{LinkCondition, LinkDetail, LinkFigures, LinkRow, LinkSettingsView, Origin, TestedLink, form::LinkForm};
use crate::{
    error::{AppError, FieldError, sentence},
    state::moment::Moment,
};

pub(super) fn id(text: &str) -> Result<ChannelId, AppError> {
    ChannelId::parse(text).map_err(|_| AppError::NotFound)
}

pub(super) fn refusal(refusal: LinkRefusal) -> AppError {
    match refusal {
        LinkRefusal::Store(cause) => cause.into(),
        refusal => {
            let fields = refusal.fields();
            let of = |(field, message): (&'static str, String)| FieldError {
                field: field.to_owned(),
                message: sentence(&message),
            };
            AppError::fields(fields.into_iter().map(of).collect())
        }
    }
}

pub(super) const fn origin(origin: LinkOrigin) -> Origin {
    match origin {
        LinkOrigin::Product => Origin::Product,
        LinkOrigin::File => Origin::File,
        LinkOrigin::Trial => Origin::Trial,
        LinkOrigin::OtherCore => Origin::OtherCore,
    }
}

pub(super) const fn condition(state: LinkState, in_trouble: bool) -> LinkCondition {
    match state {
        LinkState::Up => LinkCondition::Up,
        LinkState::Connecting if in_trouble => LinkCondition::Down,
        LinkState::Connecting => LinkCondition::Connecting,
        LinkState::Stopped => LinkCondition::Stopped,
        LinkState::Draining => LinkCondition::Draining,
        LinkState::Disabled | LinkState::ShutDown => LinkCondition::Disabled,
    }
}

pub(super) fn row(sheet: &LinkSheet) -> LinkRow {
    let status = sheet.status.as_ref();
    let trouble = status.and_then(LinkStatus::trouble).map(str::to_owned).or_else(|| sheet.left_out.clone());
    let config = sheet.link.as_ref().map(|link| &link.config);
    LinkRow {
        id: sheet.id.to_string(),
        name: sheet.name.clone(),
        origin: origin(sheet.origin),
        address: sheet.address.clone(),
        tls: sheet.is_tls,
        simulator: status
            .map_or_else(|| config.is_some_and(|config| config.is_simulator), |status| status.is_simulator),
        condition: match status {
            Some(status) => condition(status.state, trouble.is_some()),
            None => LinkCondition::LeftOut,
        },
        live: status.map(figures),
        trouble: trouble.as_deref().map(sentence),
    }
}

fn figures(status: &LinkStatus) -> LinkFigures {
    LinkFigures {
        since: Moment::in_utc(status.since_ms),
        sessions_bound: status.sessions_bound,
        sessions_configured: status.sessions_configured,
        window_used: status.window_used,
        window: status.window,
        queued: status.queued_messages,
        retrying: status.retrying_parts,
        rate: status.rate_segments_per_s,
        rate_limit: status.rate_limit_segments_per_s,
        throttled: status.is_throttled,
        accepted: status.counters.accepted,
        refused: status.counters.refused,
        times_throttled: status.counters.throttled,
        uncertain: status.counters.uncertain,
        receipts: status.counters.receipts,
        inbound: status.counters.inbound,
        last_error: status.last_error.as_deref().map(sentence),
        last_error_at: status.last_error_at_ms.map(Moment::in_utc),
    }
}

pub(super) fn tested(test: &BindTest) -> TestedLink {
    TestedLink { at: Moment::in_utc(test.at_ms), failure: test.outcome.as_ref().err().map(|failure| sentence(failure)) }
}

pub(super) fn detail(sheet: &LinkSheet, inbound: &InboundConfig) -> LinkDetail {
    let flaw = sheet.submits().filter(|submits| inbound.leaves_unconfirmed(*submits)).map(|_| {
        let (found, advice) = UNCONFIRMED;
        format!("{} {}", sentence(found), sentence(advice))
    });
    let settings = sheet.link.as_ref().map(|link| LinkSettingsView {
        form: LinkForm::of(&link.config),
        password_set: Moment::in_utc(link.password_set_at_ms),
        key_set: link.key_set_at_ms.map(Moment::in_utc),
        changed: Moment::in_utc(link.changed_at_ms),
        changed_by: link.changed_by.clone(),
        revision: link.revision,
    });
    LinkDetail { row: row(sheet), settings, flaw, test: sheet.test.as_ref().map(tested) }
}
