//! A campaign as the wizard shows it.

use domain::{
    campaign::{Action, Campaign, Mode, Parameters, Status},
    merge::Template,
    message_template::{MessageTemplate, VersionState},
    permission::{
        Permission, Reach,
        kind::{EditCampaign, ViewWorkspace},
    },
    policy::PresetConfig,
    schedule,
    sender::{RevisionRef, SenderOrigin},
};
use engine::{LinkState, LinkStatus};
use store::{
    On, Scope,
    policies::{InForce, Pools},
    tendlc::{Clearance, clearance},
};

use super::{
    ChannelOffer, Duration, Gap, Offer, StartView, TemplateOffer, TenDlcCheck, WizardDraft, duration::Sending,
};
use crate::{
    api::campaigns::plan,
    error::{AppError, sentence},
    state::{moment::Moment, week::week_in_words},
};

/// Rows of the file that the review shows.
const SAMPLES: usize = 3;

pub async fn draft(proof: &On<EditCampaign>, links: &[LinkStatus], pools: Pools) -> Result<WizardDraft, AppError> {
    let scope: &Scope = proof;
    let campaign = proof.campaign();
    let four_eyes = scope.workspace().four_eyes;
    campaign
        .life
        .offer(Action::Edit, scope.user_id(), four_eyes)
        .map_err(|refusal| AppError::conflict(sentence(&refusal.to_string())))?;
    let parameters = campaign.parameters.clone();
    let senders = senders(scope).await?;
    let segments = campaign.report.map_or(0, |report| report.segments);
    let tendlc = tendlc(scope, campaign).await?;
    let policies = store::policies::known(scope, pools).await?;
    Ok(WizardDraft {
        id: campaign.id.to_string(),
        is_draft: campaign.life.status == Status::Draft,
        version: campaign.life.version,
        approved: campaign.life.approval.is_some(),
        mode: parameters.mode,
        start: time(scope, parameters.start_local.as_deref(), parameters.start_at_ms),
        end: time(scope, parameters.end_local.as_deref(), parameters.end_at_ms),
        hours: scope.workspace().daily_window.as_ref().map(week_in_words),
        daily_limit: parameters.daily_limit,
        start_automatically: campaign.life.start_automatically,
        validity_minutes: parameters.validity_minutes,
        addresses: addresses(scope, &senders),
        senders: sender_offers(&senders, SenderOrigin::Workspace),
        offered_senders: sender_offers(&senders, SenderOrigin::Installation),
        channels: links.iter().map(|link| channel_offer(link, &policies, &parameters)).collect(),
        policy: rules(policies.of_campaign(&parameters)),
        report: campaign.report,
        segments_stale: campaign.report.is_some() && campaign.measured_text.as_ref() != Some(&parameters.text),
        samples: samples(scope, campaign).await?,
        cost: cost(scope, segments),
        duration: duration(scope, links, campaign, segments, tendlc.as_ref()),
        window_s: parameters.start_at_ms.zip(parameters.end_at_ms).map(|(from, to)| from.abs_diff(to) / 1_000),
        days: plan::days(scope, campaign),
        four_eyes,
        gap: gap(campaign, scope.now_ms()),
        copy_of: crate::api::campaigns::origin::copy_of(scope, campaign),
        tendlc,
        templates: templates(scope).await?,
        template: parameters.template,
        name: parameters.name,
        any_text: parameters.any_text,
        ignore_daily_window: parameters.ignore_daily_window,
        text: parameters.text,
        sender: parameters.sender,
        channel: parameters.channel,
        overrides: parameters.overrides,
    })
}

/// What 10DLC says to the sender.
async fn tendlc(scope: &Scope, campaign: &Campaign) -> Result<Option<TenDlcCheck>, AppError> {
    let Some(addressing) = campaign.parameters.addressing() else { return Ok(None) };
    Ok(match clearance::of_sender(scope, addressing).await? {
        Clearance::NotNeeded => None,
        Clearance::Cleared(cleared) => {
            let services = crate::api::context::services()?;
            let tiers = services.registrations.tiers();
            let allowance = tiers.allowance(cleared.campaign.form.use_case, cleared.brand.score());
            Some(TenDlcCheck::Cleared {
                campaign: cleared.campaign.registration.id().map(|id| id.to_string()).unwrap_or_default(),
                brand: cleared.brand.details.display_name,
                segments_per_minute: allowance.segments_per_minute(),
                segments_per_day: allowance.segments_per_day(),
            })
        }
        Clearance::Blocked(blocked) => Some(TenDlcCheck::Missing(sentence(&blocked.to_string()))),
    })
}

/// What a campaign can be sent with: the workspace's own, then what the installation offers it.
pub async fn senders(scope: &Scope) -> Result<Vec<RevisionRef>, AppError> {
    Ok(store::senders::usable(&scope.grant::<ViewWorkspace>()?).await?)
}

/// The templates that are not archived, by name.
async fn templates(scope: &Scope) -> Result<Vec<TemplateOffer>, AppError> {
    let templates = store::templates::list(&scope.grant::<ViewWorkspace>()?).await?;
    let offer = |template: MessageTemplate| {
        let offered = template.offered()?.clone();
        Some(TemplateOffer {
            id: template.id.to_string(),
            name: template.name,
            version: offered.number,
            approved: offered.state == VersionState::Approved,
            text: offered.text,
        })
    };
    Ok(templates.into_iter().filter(|template| template.archived_at_ms.is_none()).filter_map(offer).collect())
}

fn sender_offers(senders: &[RevisionRef], origin: SenderOrigin) -> Vec<Offer> {
    let offer = |sender: &RevisionRef| Offer {
        id: sender.sender.to_string(),
        label: format!("{} · {} (revision {})", sender.display_name, sender.addressing.saddr, sender.revision),
    };
    senders.iter().filter(|sender| sender.origin == origin).map(offer).collect()
}

/// With what its policy asks of this campaign, which may be exempt from a part of it.
fn channel_offer(link: &LinkStatus, policies: &InForce, parameters: &Parameters) -> ChannelOffer {
    let mut label = link.name.clone();
    if link.is_simulator {
        label.push_str(" (sends nothing)");
    }
    if link.state != LinkState::Up {
        label.push_str(" (not up)");
    }
    let id = link.id.as_str().to_owned();
    let by_it = Parameters { channel: id.clone(), ..parameters.clone() };
    ChannelOffer { policy: rules(policies.of_campaign(&by_it)), id, label }
}

/// In half sentences.
fn rules(policy: Option<PresetConfig>) -> Vec<String> {
    policy.map(|policy| policy.rules()).unwrap_or_default()
}

/// What an admin may send from instead: the approved addresses of this workspace.
fn addresses(scope: &Scope, senders: &[RevisionRef]) -> Vec<String> {
    if scope.reach(Permission::ManageWorkspace) == Reach::None {
        return Vec::new();
    }
    let mut addresses: Vec<String> = Vec::new();
    for sender in senders {
        let saddr = sender.addressing.saddr.to_string();
        if !addresses.contains(&saddr) {
            addresses.push(saddr);
        }
    }
    addresses
}

fn time(scope: &Scope, local: Option<&str>, at_ms: Option<i64>) -> StartView {
    let local = local.unwrap_or_default().to_owned();
    let zone = scope.zone();
    let note = zone.as_ref().and_then(|zone| schedule::resolve(&local, zone).ok()?.note);
    StartView {
        at: at_ms.map(|at_ms| Moment::of(scope, at_ms)),
        note,
        zone: scope.workspace().time_zone.clone(),
        now_local: zone.map(|zone| zone.local(scope.now_ms())).unwrap_or_default(),
        local,
    }
}

async fn samples(scope: &Scope, campaign: &Campaign) -> Result<Vec<String>, AppError> {
    let Ok(template) = Template::parse(&campaign.parameters.text) else { return Ok(Vec::new()) };
    if template.is_constant() || campaign.report.is_none() {
        return Ok(Vec::new());
    }
    let rows = store::recipients::sample_values(scope, campaign.id, SAMPLES).await?;
    Ok(rows.iter().filter_map(|row| template.render(|field| row.get(field).map(String::as_str)).ok()).collect())
}

/// None without a price or without segments.
fn cost(scope: &Scope, segments: u64) -> Option<String> {
    let workspace = scope.workspace();
    let total = segments.saturating_mul(u64::from(workspace.segment_price_cents));
    (total > 0).then(|| money(total, &workspace.currency))
}

/// An amount in the smallest unit of a currency.
fn money(amount: u64, currency: &str) -> String {
    use crate::ui::prelude::grouped;

    match currency {
        // Without a smaller unit (ISO 4217).
        "CLP" | "ISK" | "JPY" | "KRW" | "PYG" | "UGX" | "VND" | "XAF" | "XOF" => {
            format!("{} {currency}", grouped(amount))
        }
        _ => format!("{}.{:02} {currency}", grouped(amount / 100), amount % 100),
    }
}

/// At the slowest of the limits that are known: of the channel, of the workspace, of 10DLC and of the campaign.
fn duration(
    scope: &Scope,
    links: &[LinkStatus],
    campaign: &Campaign,
    segments: u64,
    tendlc: Option<&TenDlcCheck>,
) -> Duration {
    let (parameters, workspace) = (&campaign.parameters, scope.workspace());
    let link = links.iter().find(|link| link.id.as_str() == parameters.channel);
    let of_link = link.and_then(|link| link.rate_limit_segments_per_s).filter(|rate| *rate > 0.0);
    let of_workspace = workspace.segments_per_s_max.map(f64::from);
    let (Some(zone), Some(report)) = (scope.zone(), campaign.report.filter(|report| report.accepted > 0)) else {
        return Duration::Unknown;
    };
    let (of_10dlc, a_day) = match tendlc {
        Some(TenDlcCheck::Cleared { segments_per_minute, segments_per_day, .. }) => {
            (Some(f64::from(*segments_per_minute) / 60.0), Some(u64::from(*segments_per_day)))
        }
        Some(TenDlcCheck::Missing(_)) | None => (None, None),
    };
    // The workspace counts messages: as many segments as these have on the average.
    let messages = workspace.messages_per_day_max.map(|most| most.saturating_mul(segments) / report.accepted);
    Sending {
        segments,
        segments_per_s: of_link.into_iter().chain(of_workspace).chain(of_10dlc).reduce(f64::min),
        segments_a_day: messages.into_iter().chain(parameters.daily_limit.map(u64::from)).chain(a_day).min(),
        week: workspace.daily_window,
        zone,
    }
    .from(parameters.start_at_ms.unwrap_or(0).max(scope.now_ms()))
}

/// The first thing that is missing for a submission.
fn gap(campaign: &Campaign, now_ms: i64) -> Option<Gap> {
    let parameters = &campaign.parameters;
    let in_step = |step, message: &str| Some(Gap { step, message: message.to_owned() });
    if parameters.name.is_empty() {
        return in_step(2, "The campaign needs a name.");
    }
    if parameters.sender.is_none() {
        return in_step(2, "The campaign needs a sender.");
    }
    if parameters.channel.is_empty() {
        return in_step(2, "The campaign needs a channel.");
    }
    if parameters.text.is_empty() && !parameters.any_text {
        return in_step(2, "The message is not written yet.");
    }
    if matches!(parameters.mode, Mode::Scheduled | Mode::Spread) {
        match parameters.start_at_ms {
            None => return in_step(2, "The date and time of the start are not set."),
            Some(start_at_ms) if start_at_ms <= now_ms => {
                return in_step(2, "The time of the start has passed; choose a later one.");
            }
            Some(_) => {}
        }
    }
    if parameters.mode == Mode::Spread && parameters.end_at_ms.is_none() {
        return in_step(2, "The end of the window is not set.");
    }
    if parameters.mode == Mode::Trigger {
        return match parameters.end_at_ms {
            Some(end_at_ms) if end_at_ms <= now_ms => in_step(2, "The end has passed; choose a later one, or none."),
            Some(_) | None => None,
        };
    }
    match campaign.report {
        None => in_step(4, "The recipients are not there yet."),
        Some(report) if report.accepted == 0 => in_step(4, "No line of the file is a number that can be sent to."),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_has_the_decimals_of_its_currency() {
        assert_eq!(money(123_456, "EUR"), "1,234.56 EUR");
        assert_eq!(money(5, "USD"), "0.05 USD");
        assert_eq!(money(1_200, "JPY"), "1,200 JPY");
    }
}
