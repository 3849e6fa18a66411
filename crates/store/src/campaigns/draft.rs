//! The wizard's half: a draft saved at each step, until it is submitted.

use domain::{
    campaign::{self, Campaign, Event as Life_, Life, Mode, Parameters, Progress, Status},
    id::CampaignId,
    permission::{Permission, Reach, kind},
    segment,
    sender::{Addressing, RevisionRef},
};
use uuid::Uuid;

use super::{campaign_key, change, event, times};
use crate::{
    Error, Granted, On, Scope,
    audit::{Chain, Event},
    senders,
    tendlc::{Cleared, clearance},
};

const NAME_CHARACTERS_MAX: usize = 120;

/// A new draft: in no queue, not in `workspace_total`.
pub async fn create(scope: &Granted<kind::CreateCampaign>, mode: Mode) -> Result<Campaign, Error> {
    let campaign = blank(scope, CampaignId::from_uuid(scope.inner().new_uuid()?), mode);
    write_new(scope, &campaign).await?;
    Ok(campaign)
}

/// A new draft with what is known of it, under an id of the caller's: when the workspace has a campaign with it, that is
/// given back, so that a request which was cut off may be repeated.
pub async fn create_as(
    scope: &Granted<kind::CreateCampaign>,
    id: Option<Uuid>,
    parameters: Parameters,
    start_automatically: bool,
) -> Result<Campaign, Error> {
    let id = CampaignId::from_uuid(id.map_or_else(|| scope.inner().new_uuid(), Ok)?);
    let mut campaign = blank(scope, id, parameters.mode);
    check_present(scope, &parameters, &campaign.parameters).await?;
    campaign.parameters = parameters;
    campaign.life.start_automatically = start_automatically;
    match write_new(scope, &campaign).await {
        Ok(()) => Ok(campaign),
        Err(Error::Stale { .. }) => super::find(scope, id).await,
        Err(other) => Err(other),
    }
}

/// The parameters of a campaign of which nothing is known but its mode.
#[must_use]
pub const fn nothing_yet(mode: Mode) -> Parameters {
    Parameters {
        name: String::new(),
        mode,
        sender: None,
        channel: String::new(),
        text: String::new(),
        template: None,
        start_at_ms: None,
        start_local: None,
        end_at_ms: None,
        end_local: None,
        ignore_daily_window: false,
        any_text: false,
        daily_limit: None,
        validity_minutes: None,
        overrides: None,
    }
}

fn blank(scope: &Scope, id: CampaignId, mode: Mode) -> Campaign {
    Campaign {
        workspace: scope.workspace_id(),
        id,
        life: Life::draft(scope.user_id(), true),
        parameters: nothing_yet(mode),
        author: scope.user_id(),
        author_name: scope.user().name.clone(),
        created_at_ms: scope.now_ms(),
        submitted_at_ms: None,
        started_at_ms: None,
        ended_at_ms: None,
        decision: None,
        failure: None,
        report: None,
        measured_text: None,
        copy_of: None,
        progress: Progress::default(),
        recipient_data_removed_at_ms: None,
        revision: 1,
    }
}

async fn write_new(scope: &Granted<kind::CreateCampaign>, campaign: &Campaign) -> Result<(), Error> {
    let name = Some(campaign.parameters.name.clone()).filter(|name| !name.is_empty());
    let event = event(scope, "campaign.created", campaign.id)
        .change("mode", None, Some(format!("{:?}", campaign.parameters.mode)))
        .change("name", None, name);
    scope
        .inner()
        .audited(Chain::Workspace(scope.workspace_id()), event, |tx| {
            tx.create(campaign_key(campaign.workspace, campaign.id), campaign);
        })
        .await
}

/// Saves what the wizard collected so far. A draft need not be complete; what is there has to be right. An edit after
/// submission makes a new version and voids an approval.
pub async fn save(
    proof: &On<kind::EditCampaign>,
    parameters: Parameters,
    start_automatically: bool,
) -> Result<Campaign, Error> {
    let scope: &Scope = proof;
    check_present(scope, &parameters, &proof.campaign().parameters).await?;
    change(
        scope.inner(),
        scope.workspace_id(),
        proof.campaign().id,
        |before| {
            // Moderators have it before them: it stays something that can be sent.
            if before.life.status == Status::New {
                check_written(&parameters)?;
                times::check(scope, &parameters)?;
            }
            let unchanged = before.parameters == parameters && before.life.start_automatically == start_automatically;
            if unchanged {
                return Ok(None);
            }
            let mut after = before.clone();
            after.life = campaign::transition(&before.life, &Life_::Edit { by: scope.user_id() })?;
            after.life.start_automatically = start_automatically;
            after.parameters = parameters.clone();
            // It begins empty: what was uploaded for another mode is none of its recipients.
            if parameters.mode == Mode::Trigger {
                (after.report, after.measured_text) = (None, None);
            }
            Ok(Some((after.clone(), changed_event(scope, before, &after))))
        },
        |_| {},
    )
    .await
}

fn changed_event(scope: &Scope, before: &Campaign, after: &Campaign) -> Event {
    let (old, new) = (&before.parameters, &after.parameters);
    let sender = |parameters: &Parameters| {
        parameters.sender.as_ref().map(|sender| format!("{} revision {}", sender.display_name, sender.revision))
    };
    // The text itself stays out of the log; its fingerprint shows that, and between which versions, it changed.
    let text = |parameters: &Parameters| Some(format!("{} characters", parameters.text.chars().count()));
    let template = |parameters: &Parameters| {
        parameters.template.as_ref().map(|template| format!("{} version {}", template.name, template.version))
    };
    let overrides = |parameters: &Parameters| {
        let Addressing { saddr, source_ton, source_npi, destination_ton, destination_npi } =
            parameters.overrides.as_ref()?;
        let [ston, dton] = [source_ton, destination_ton].map(|ton| ton.octet());
        let [snpi, dnpi] = [source_npi, destination_npi].map(|npi| npi.octet());
        Some(format!("{saddr}, source TON {ston} NPI {snpi}, destination TON {dton} NPI {dnpi}"))
    };
    event(scope, "campaign.edited", before.id)
        .change("name", Some(old.name.clone()), Some(new.name.clone()))
        .change("mode", Some(format!("{:?}", old.mode)), Some(format!("{:?}", new.mode)))
        .change("sender", sender(old), sender(new))
        .change("overrides", overrides(old), overrides(new))
        .change("channel", Some(old.channel.clone()), Some(new.channel.clone()))
        .change("text", text(old), text(new))
        .change("template", template(old), template(new))
        .change("start", old.start_local.clone(), new.start_local.clone())
        .change("end", old.end_local.clone(), new.end_local.clone())
        .change("ignore_daily_window", Some(old.ignore_daily_window), Some(new.ignore_daily_window))
        .change("any_text", Some(old.any_text), Some(new.any_text))
        .change("daily_limit", old.daily_limit, new.daily_limit)
        .change("validity_minutes", old.validity_minutes, new.validity_minutes)
        .change("version", Some(before.life.version), Some(after.life.version))
        .change("start_automatically", Some(before.life.start_automatically), Some(after.life.start_automatically))
}

/// The rules for what is present, wherever the wizard stands.
async fn check_present(scope: &Scope, parameters: &Parameters, before: &Parameters) -> Result<(), Error> {
    // What an admin has set goes with its sender; otherwise only an admin changes it.
    let gone_with_sender = parameters.overrides.is_none() && parameters.sender != before.sender;
    let overrides_changed = parameters.overrides != before.overrides && !gone_with_sender;
    if overrides_changed && scope.reach(Permission::ManageWorkspace) == Reach::None {
        return Err(Error::Forbidden);
    }
    if parameters.name.chars().count() > NAME_CHARACTERS_MAX {
        return Err(Error::invalid("name", format!("a name has at most {NAME_CHARACTERS_MAX} characters")));
    }
    if !parameters.text.is_empty() {
        domain::merge::Template::parse(&parameters.text)
            .map_err(|problem| Error::invalid("text", problem.to_string()))?;
        segment::check(&parameters.text).map_err(|problem| Error::invalid("text", problem.to_string()))?;
    }
    if let Some(reference) = &parameters.sender {
        check_approved(scope, reference).await?;
    }
    if parameters.daily_limit == Some(0) {
        return Err(Error::invalid(
            "daily_limit",
            "with a limit of 0 nothing would go out; leave it empty for no limit",
        ));
    }
    if let Some(overrides) = &parameters.overrides
        && !senders::is_in_force(scope, &overrides.saddr).await?
    {
        return Err(Error::invalid("saddr", "choose a SADDR that is approved in this workspace"));
    }
    Ok(())
}

async fn check_approved(scope: &Scope, reference: &RevisionRef) -> Result<(), Error> {
    match senders::approved(scope, reference).await? {
        Some(_) => Ok(()),
        None => {
            Err(Error::invalid("sender", "this sender cannot be used in this workspace (any more); choose another"))
        }
    }
}

/// Sends the campaign to moderation. Everything has to be there; the message names what is missing and where.
pub async fn submit(proof: &On<kind::EditCampaign>) -> Result<Campaign, Error> {
    let scope: &Scope = proof;
    let parameters = &proof.campaign().parameters;
    check_present(scope, parameters, parameters).await?;
    let cleared = check_sender(scope, parameters, |what| Error::invalid("sender", what)).await?;
    let preset = match parameters.addressing() {
        Some(addressing) => senders::installation::used(scope, &addressing.saddr).await?,
        None => None,
    };
    change(
        scope.inner(),
        scope.workspace_id(),
        proof.campaign().id,
        |before| {
            if before.parameters.addressing() != parameters.addressing() {
                return Err(Error::Stale { what: "the sender was changed meanwhile; look at it again".into() });
            }
            check_written(&before.parameters)?;
            times::check(scope, &before.parameters)?;
            check_recipients(before)?;
            let mut after = before.clone();
            after.life = campaign::transition(&before.life, &Life_::Submit { by: scope.user_id() })?;
            after.submitted_at_ms = Some(scope.now_ms());
            let event = event(scope, "campaign.submitted", before.id)
                .change("status", Some("draft"), Some("new"))
                .change("recipients", None, before.report.map(|report| report.accepted));
            Ok(Some((after, event)))
        },
        |tx| {
            scope.rely_on(tx);
            if let Some(cleared) = &cleared {
                cleared.rely_on(tx);
            }
            if let Some((preset, addressing)) = preset.zip(parameters.addressing()) {
                senders::installation::note_use(tx, scope, preset, &addressing.saddr);
            }
        },
    )
    .await
}

/// Of a US number: that its 10DLC campaign lets messages out now, with what the decision then relies on. Without a sender
/// there is nothing to look at; that one is missing is said elsewhere.
pub(super) async fn check_sender(
    scope: &Scope,
    parameters: &Parameters,
    refuse: impl FnOnce(String) -> Error,
) -> Result<Option<Box<Cleared>>, Error> {
    match parameters.addressing() {
        Some(addressing) => clearance::of_sender(scope, addressing).await?.or_refuse(refuse),
        None => Ok(None),
    }
}

fn check_written(parameters: &Parameters) -> Result<(), Error> {
    if parameters.name.trim().is_empty() {
        return Err(Error::invalid("name", "give the campaign a name (step 2)"));
    }
    if parameters.sender.is_none() {
        return Err(Error::invalid("sender", "choose a sender (step 2)"));
    }
    if parameters.channel.is_empty() {
        return Err(Error::invalid("channel", "choose a channel (step 2)"));
    }
    if parameters.text.trim().is_empty() && !parameters.any_text {
        return Err(Error::invalid("text", "write the message (step 2)"));
    }
    Ok(())
}

/// Whom it goes to is known, and what it takes to send them this text.
pub(super) fn check_recipients(campaign: &Campaign) -> Result<(), Error> {
    let parameters = &campaign.parameters;
    match campaign.report {
        _ if parameters.mode == Mode::Trigger => Ok(()),
        None => Err(Error::invalid("recipients", "upload the recipients and wait until they are read (step 4)")),
        Some(report) if report.accepted == 0 => Err(Error::invalid(
            "recipients",
            "no line of the file is a number that can be sent to; upload another (step 4)",
        )),
        Some(_) if campaign.measured_text.as_ref() != Some(&parameters.text) => {
            Err(Error::invalid("text", "the segments of the changed text are being counted; submit again in a moment"))
        }
        Some(_) => Ok(()),
    }
}
