//! What the steps of the wizard send, read into the parameters of a campaign.

use domain::{
    campaign::{Mode, Parameters},
    id::CampaignId,
    merge::Template,
    message_template::TemplateRef,
    permission::kind::EditCampaign,
    schedule, segment,
    sender::{Addressing, RevisionRef},
    spread,
};
use engine::{LinkStatus, ingest::IngestError};
use store::{On, Scope};

use super::{VALIDITY_MINUTES_MAX, view};
use crate::{
    api::context,
    error::{AppError, FieldError, sentence},
};

const NAME_CHARACTERS_MAX: usize = 120;

/// Leads to a page of the campaign.
pub fn go_to(scope: &Scope, id: CampaignId, rest: &str) {
    leptos_axum::redirect(&format!("/w/{}/campaigns/{id}{rest}", scope.workspace().slug));
}

/// A start belongs to Scheduled and Spread, an end to Spread and Trigger, any text and any hour to Trigger.
pub fn with_mode(mut parameters: Parameters, mode: Mode) -> Parameters {
    parameters.mode = mode;
    if !matches!(mode, Mode::Scheduled | Mode::Spread) {
        parameters.start_at_ms = None;
        parameters.start_local = None;
    }
    if !matches!(mode, Mode::Spread | Mode::Trigger) {
        parameters.end_at_ms = None;
        parameters.end_local = None;
    }
    if mode != Mode::Trigger {
        parameters.any_text = false;
        parameters.ignore_daily_window = false;
    }
    parameters
}

/// Counts the segments of all recipients again, when they are there and the text has changed.
pub async fn count_segments(scope: &Scope, id: CampaignId) -> Result<(), AppError> {
    let counted = context::services()?.intake.measure(scope.workspace_id(), id).await;
    counted.map_err(|refusal| match refusal {
        IngestError::Store(cause) => cause.into(),
        refusal => AppError::field("text", sentence(&refusal.to_string())),
    })
}

/// Values equal to those of the sender's revision override nothing.
pub async fn save_overrides(proof: &On<EditCampaign>, overrides: Option<Addressing>) -> Result<(), AppError> {
    let campaign = proof.campaign();
    let mut parameters = campaign.parameters.clone();
    let Some(sender) = &parameters.sender else {
        return Err(AppError::conflict("The campaign has no sender yet: choose one in step 2."));
    };
    parameters.overrides = overrides.filter(|overrides| *overrides != sender.addressing);
    store::campaigns::save(proof, parameters, campaign.life.start_automatically).await?;
    Ok(())
}

/// Step 2 as it was typed.
pub struct Message {
    pub mode: Mode,
    pub name: String,
    pub sender: String,
    pub channel: String,
    pub text: String,
    pub any_text: bool,
    pub ignore_daily_window: bool,
    /// `id:version`, or nothing.
    pub template: String,
    pub start: String,
    pub end: String,
    pub daily_limit: String,
    pub validity_minutes: String,
}

impl Message {
    /// The campaign's parameters with everything that is right; the rest is as before, and refused.
    pub async fn read(
        self,
        proof: &On<EditCampaign>,
        links: &[LinkStatus],
    ) -> Result<(Parameters, Vec<FieldError>), AppError> {
        let senders = view::senders(proof).await?;
        let mut parameters = with_mode(proof.campaign().parameters.clone(), self.mode);
        let mut refused = Vec::new();
        let mut refuse = |field: &str, message: String| refused.push(FieldError { field: field.to_owned(), message });
        match name(&self.name) {
            Ok(name) => parameters.name = name,
            Err(message) => refuse("name", message),
        }
        match senders.into_iter().find(|sender| sender.sender.to_string() == self.sender) {
            Some(sender) => set_sender(&mut parameters, sender),
            None => refuse("sender", "Choose one of the approved senders.".to_owned()),
        }
        if links.iter().any(|link| link.id.as_str() == self.channel) {
            parameters.channel = self.channel;
        } else {
            refuse("channel", "Choose the channel by which the messages leave.".to_owned());
        }
        let is_trigger = self.mode == Mode::Trigger;
        parameters.any_text = is_trigger && self.any_text;
        parameters.ignore_daily_window = is_trigger && self.ignore_daily_window;
        parameters.template = if parameters.any_text { None } else { template(proof, &self.template).await? };
        match text(&self.text) {
            // What is approved is any text: one that stands here would be taken for it.
            _ if parameters.any_text => parameters.text = String::new(),
            Ok(text) => parameters.text = text,
            Err(message) => refuse("text", message),
        }
        if matches!(self.mode, Mode::Scheduled | Mode::Spread) {
            match time(proof, &self.start, "Set the date and time of the start.") {
                Ok(at_ms) => {
                    parameters.start_at_ms = Some(at_ms);
                    parameters.start_local = Some(self.start.trim().to_owned());
                }
                Err(message) => refuse("start", message),
            }
        }
        if self.mode == Mode::Spread {
            match window_end(proof, parameters.start_at_ms, &self.end) {
                Ok(at_ms) => {
                    parameters.end_at_ms = Some(at_ms);
                    parameters.end_local = Some(self.end.trim().to_owned());
                }
                Err(message) => refuse("end", message),
            }
        }
        if is_trigger {
            match last_moment(proof, &self.end) {
                Ok(at_ms) => {
                    parameters.end_at_ms = at_ms;
                    parameters.end_local = at_ms.map(|_| self.end.trim().to_owned());
                }
                Err(message) => refuse("end", message),
            }
        }
        match daily_limit(&self.daily_limit) {
            Ok(limit) => parameters.daily_limit = limit,
            Err(message) => refuse("daily_limit", message),
        }
        match validity(&self.validity_minutes) {
            Ok(minutes) => parameters.validity_minutes = minutes,
            Err(message) => refuse("validity_minutes", message),
        }
        Ok((parameters, refused))
    }
}

/// With another sender, or a newer revision of it, what was overridden means something else.
fn set_sender(parameters: &mut Parameters, sender: RevisionRef) {
    if parameters.sender.as_ref() != Some(&sender) {
        parameters.overrides = None;
        parameters.sender = Some(sender);
    }
}

fn name(typed: &str) -> Result<String, String> {
    let name = typed.trim();
    match name.chars().count() {
        0 => Err("Give the campaign a name.".to_owned()),
        count if count > NAME_CHARACTERS_MAX => Err(format!("A name has at most {NAME_CHARACTERS_MAX} characters.")),
        _ => Ok(name.to_owned()),
    }
}

/// The template with which the text began; None when there is none of this name any more.
async fn template(scope: &Scope, typed: &str) -> Result<Option<TemplateRef>, AppError> {
    let Some((id, version)) = typed.split_once(':') else { return Ok(None) };
    let (Ok(id), Ok(version)) = (id.parse(), version.parse()) else { return Ok(None) };
    match store::templates::find(scope, id).await {
        Ok(template) => {
            Ok(template.version(version).map(|_| TemplateRef { template: id, name: template.name.clone(), version }))
        }
        Err(store::Error::NotFound) => Ok(None),
        Err(other) => Err(other.into()),
    }
}

/// Browsers send line breaks as CR LF, and each CR would be a character of the message.
fn text(typed: &str) -> Result<String, String> {
    let text = typed.replace("\r\n", "\n").replace('\r', "\n");
    if text.trim().is_empty() {
        return Err("Write the message.".to_owned());
    }
    Template::parse(&text).map_err(|refusal| sentence(&refusal.to_string()))?;
    segment::check(&text).map_err(|refusal| sentence(&refusal.to_string()))?;
    Ok(text)
}

/// A time to come, as it was typed.
fn time(scope: &Scope, typed: &str, missing: &str) -> Result<i64, String> {
    if typed.trim().is_empty() {
        return Err(missing.to_owned());
    }
    let zone = zone(scope)?;
    schedule::start(typed, &zone, scope.now_ms())
        .map(|start| start.at_ms)
        .map_err(|refusal| sentence(&refusal.to_string()))
}

fn zone(scope: &Scope) -> Result<schedule::Zone, String> {
    scope.zone().ok_or_else(|| "The time zone of this workspace is not known here.".to_owned())
}

/// The end of a window in which somebody can be sent to. Without a start it can only be looked at for itself.
fn window_end(scope: &Scope, start_at_ms: Option<i64>, typed: &str) -> Result<i64, String> {
    let end_ms = time(scope, typed, "Set the date and time of the end.")?;
    if let Some(start_ms) = start_at_ms {
        spread::check(&(start_ms..end_ms), scope.workspace().daily_window.as_ref(), &zone(scope)?)
            .map_err(|refusal| sentence(&refusal.to_string()))?;
    }
    Ok(end_ms)
}

/// Until when a Trigger campaign takes numbers; None: until somebody finishes it.
fn last_moment(scope: &Scope, typed: &str) -> Result<Option<i64>, String> {
    if typed.trim().is_empty() { Ok(None) } else { time(scope, typed, "").map(Some) }
}

fn daily_limit(typed: &str) -> Result<Option<u32>, String> {
    match typed.trim() {
        "" => Ok(None),
        typed => typed
            .parse()
            .ok()
            .filter(|limit| *limit > 0)
            .map(Some)
            .ok_or_else(|| format!("Give whole segments a day from 1 to {}, or nothing.", u32::MAX)),
    }
}

fn validity(typed: &str) -> Result<Option<u32>, String> {
    match typed.trim() {
        "" => Ok(None),
        typed => typed
            .parse()
            .ok()
            .filter(|minutes| (1..=VALIDITY_MINUTES_MAX).contains(minutes))
            .map(Some)
            .ok_or_else(|| format!("Give whole minutes from 1 to {VALIDITY_MINUTES_MAX}, or nothing.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_break_is_one_character() {
        assert_eq!(text("one\r\ntwo\rthree\n").unwrap(), "one\ntwo\nthree\n");
    }

    #[test]
    fn what_cannot_be_sent_is_refused() {
        assert!(text(" \r\n ").is_err());
        assert!(text("Hello {name").is_err());
        assert!(text(&"x".repeat(2_000)).is_err());
    }

    #[test]
    fn validity_is_a_number_of_minutes_or_nothing() {
        assert_eq!(validity("  "), Ok(None));
        assert_eq!(validity(" 90 "), Ok(Some(90)));
        for wrong in ["0", "-1", "1.5", "an hour", "10081"] {
            assert!(validity(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_daily_limit_is_a_number_above_nothing_or_none() {
        assert_eq!(daily_limit(" "), Ok(None));
        assert_eq!(daily_limit(" 5000 "), Ok(Some(5_000)));
        for wrong in ["0", "-1", "1.5", "many", "4294967296"] {
            assert!(daily_limit(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_name_has_an_end() {
        assert_eq!(name("  Spring sale "), Ok("Spring sale".to_owned()));
        assert!(name(" ").is_err());
        assert!(name(&"n".repeat(121)).is_err());
    }
}
