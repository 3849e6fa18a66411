//! What programs set of a campaign, read into its parameters. Rules that hold for pages too are the store's.

use app::{
    AppError,
    api::wizard::VALIDITY_MINUTES_MAX,
    error::{FieldError, sentence},
};
use domain::{
    campaign::{Mode, Parameters},
    id::SenderId,
    merge::Template,
    schedule, segment,
    sender::{Addressing, Saddr},
};
use engine::LinkStatus;
use serde::{Deserialize, Deserializer};
use store::{Scope, senders};
use utoipa::ToSchema;

use super::view::Overrides;
use crate::routes::api::{named, problem::Problem};

const NAME_CHARACTERS_MAX: usize = 120;

/// What is to be set. What is left out stays; null takes away what may be missing.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[schema(as = CampaignChange)]
#[serde(deny_unknown_fields, default)]
pub struct Change {
    #[schema(schema_with = named::mode)]
    pub mode: Option<Mode>,
    #[schema(max_length = 120)]
    pub name: Option<String>,
    /// A sender name; its revision in force is taken.
    #[schema(value_type = Option<String>, format = Uuid)]
    pub sender: Option<SenderId>,
    /// By which the messages leave; the only one, if it is left out and there is one.
    pub channel: Option<String>,
    /// With merge fields in braces, such as `{first_name}`.
    pub text: Option<String>,
    /// Scheduled: when it starts. Spread: when its window begins. `2026-11-20T17:45` in the workspace's time zone, or with
    /// an offset.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub start: Option<Option<String>>,
    /// Spread: when its window ends. Trigger: when it takes no more numbers.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub end: Option<Option<String>>,
    /// Trigger: goes out at any hour, as one-time codes must.
    pub ignore_daily_window: Option<bool>,
    /// Trigger: each number comes with a text of its own.
    pub any_text: Option<bool>,
    /// Segments a day at most.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<u32>, minimum = 1)]
    pub daily_limit: Option<Option<u32>>,
    /// How long the network may try.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 10080)]
    pub validity_minutes: Option<Option<u32>>,
    /// Once approved; otherwise somebody starts it.
    pub start_automatically: Option<bool>,
    /// SMPP values instead of the sender's; the key's owner has to be an admin.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<Overrides>)]
    pub overrides: Option<Option<Overrides>>,
}

/// Tells null, which is given, from what is left out.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(value: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(value).map(Some)
}

impl Change {
    /// The parameters with the change; everything that is wrong with it is named at once.
    pub async fn apply(
        self,
        scope: &Scope,
        mut parameters: Parameters,
        channels: &[LinkStatus],
    ) -> Result<Parameters, Problem> {
        let mut refused = Vec::new();
        let mut refuse = |field: &str, message: String| refused.push(FieldError { field: field.to_owned(), message });
        if let Some(mode) = self.mode {
            set_mode(&mut parameters, mode);
        }
        if let Some(name) = self.name {
            let name = name.trim();
            if name.chars().count() > NAME_CHARACTERS_MAX {
                refuse("name", format!("A name has at most {NAME_CHARACTERS_MAX} characters."));
            }
            parameters.name = name.to_owned();
        }
        if let Some(sender) = self.sender {
            match senders::in_force(scope, sender).await? {
                Some(sender) if parameters.sender.as_ref() == Some(&sender) => {}
                // What was overridden means something else with another sender.
                Some(sender) => (parameters.sender, parameters.overrides) = (Some(sender), None),
                None => refuse(
                    "sender",
                    "No approved sender name that this workspace can send with has this id.".to_owned(),
                ),
            }
        }
        match (self.channel, channels) {
            (Some(channel), channels) if channels.iter().any(|known| known.id.as_str() == channel) => {
                parameters.channel = channel;
            }
            (Some(_), channels) => {
                let names: Vec<&str> = channels.iter().map(|known| known.id.as_str()).collect();
                refuse("channel", format!("One of {} is expected.", names.join(", ")));
            }
            (None, [only]) if parameters.channel.is_empty() => only.id.as_str().clone_into(&mut parameters.channel),
            (None, _) => {}
        }
        if let Some(text) = self.text {
            match text_of(&text) {
                Ok(text) => parameters.text = text,
                Err(message) => refuse("text", message),
            }
        }
        if let Some(any_text) = self.any_text {
            parameters.any_text = any_text;
        }
        if let Some(ignore) = self.ignore_daily_window {
            parameters.ignore_daily_window = ignore;
        }
        if (parameters.any_text || parameters.ignore_daily_window) && parameters.mode != Mode::Trigger {
            let field = if parameters.any_text { "any_text" } else { "ignore_daily_window" };
            refuse(field, "This is for Trigger campaigns only.".to_owned());
        }
        if let Some(start) = self.start {
            let takes = matches!(parameters.mode, Mode::Scheduled | Mode::Spread);
            match when(scope, start, takes) {
                Ok((at_ms, local)) => (parameters.start_at_ms, parameters.start_local) = (at_ms, local),
                Err(message) => refuse("start", message),
            }
        }
        if let Some(end) = self.end {
            let takes = matches!(parameters.mode, Mode::Trigger | Mode::Spread);
            match when(scope, end, takes) {
                Ok((at_ms, local)) => (parameters.end_at_ms, parameters.end_local) = (at_ms, local),
                Err(message) => refuse("end", message),
            }
        }
        if let (Some(start), Some(end)) = (parameters.start_at_ms, parameters.end_at_ms)
            && end <= start
        {
            refuse("end", "The end is behind the start.".to_owned());
        }
        if let Some(limit) = self.daily_limit {
            match limit {
                Some(0) => refuse("daily_limit", "At least 1 is expected, or null for no limit.".to_owned()),
                limit => parameters.daily_limit = limit,
            }
        }
        if let Some(minutes) = self.validity_minutes {
            match minutes {
                Some(minutes) if !(1..=VALIDITY_MINUTES_MAX).contains(&minutes) => {
                    refuse("validity_minutes", format!("1 to {VALIDITY_MINUTES_MAX} minutes are expected, or null."));
                }
                minutes => parameters.validity_minutes = minutes,
            }
        }
        match self.overrides.map(|overrides| overrides.map(addressing).transpose()) {
            None => {}
            Some(Ok(overrides)) => {
                let own = parameters.sender.as_ref().map(|sender| &sender.addressing);
                parameters.overrides = overrides.filter(|overrides| Some(overrides) != own);
            }
            Some(Err(message)) => refuse("overrides.saddr", message),
        }
        if refused.is_empty() { Ok(parameters) } else { Err(AppError::fields(refused).into()) }
    }
}

/// What belongs to another mode goes.
fn set_mode(parameters: &mut Parameters, mode: Mode) {
    parameters.mode = mode;
    if !matches!(mode, Mode::Scheduled | Mode::Spread) {
        (parameters.start_at_ms, parameters.start_local) = (None, None);
    }
    if !matches!(mode, Mode::Trigger | Mode::Spread) {
        (parameters.end_at_ms, parameters.end_local) = (None, None);
    }
    if mode != Mode::Trigger {
        (parameters.any_text, parameters.ignore_daily_window) = (false, false);
    }
}

fn text_of(text: &str) -> Result<String, String> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    Template::parse(&text).map_err(|refusal| sentence(&refusal.to_string()))?;
    segment::check(&text).map_err(|refusal| sentence(&refusal.to_string()))?;
    Ok(text)
}

fn addressing(overrides: Overrides) -> Result<Addressing, String> {
    let Overrides { saddr, source_ton, source_npi, destination_ton, destination_npi } = overrides;
    let saddr = Saddr::parse(&saddr).map_err(|refusal| sentence(&refusal.to_string()))?;
    Ok(Addressing { saddr, source_ton, source_npi, destination_ton, destination_npi })
}

/// A moment to come, with what a clock in the workspace shows then.
fn when(scope: &Scope, text: Option<String>, takes: bool) -> Result<(Option<i64>, Option<String>), String> {
    let Some(text) = text else { return Ok((None, None)) };
    if !takes {
        return Err("The campaign's mode takes none.".to_owned());
    }
    let zone = scope.zone().ok_or_else(|| "The time zone of this workspace is not known here.".to_owned())?;
    let local = schedule::instant(&text).map_or_else(|| text.trim().to_owned(), |at_ms| zone.local(at_ms));
    let start = schedule::start(&local, &zone, scope.now_ms()).map_err(|refusal| sentence(&refusal.to_string()))?;
    // With an offset it is that moment, also where the local time comes twice.
    let at_ms = schedule::instant(&text).map_or(start.at_ms, |at_ms| at_ms - at_ms.rem_euclid(60_000));
    Ok((Some(at_ms), Some(local)))
}
