//! When and how much a workspace sends: its daily hours and limits.

use domain::week::Week;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::AppError;

/// What the settings page shows of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendingView {
    /// None: at any time.
    pub week: Option<Week>,
    pub messages_per_day_max: Option<u64>,
    pub segments_per_s_max: Option<u32>,
    pub storage_max_mib: Option<u64>,
}

/// The hours of one day as they are typed: `09:00` and `20:00`, both empty for none; an end of `00:00` is midnight.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypedHours {
    #[serde(default)]
    pub from: String,
    #[serde(default)]
    pub to: String,
}

/// How the hours are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoursChoice {
    AnyTime,
    EveryDay,
    ByDay,
}

/// Changes the hours in which messages go out, and how many a day at most, as they were seen in `revision`. `every` counts
/// for the same hours every day, `days` (Monday first) for those of each day.
#[server]
pub async fn save_sending_hours(
    slug: String,
    revision: u64,
    hours: HoursChoice,
    #[server(default)] every: TypedHours,
    #[server(default)] days: Vec<TypedHours>,
    #[server(default)] messages_per_day_max: String,
) -> Result<(), AppError> {
    use domain::permission::kind::ManageWorkspace;

    let scope = super::context::enter(&slug).await?;
    let proof = scope.grant::<ManageWorkspace>()?;
    let daily_window = read::week(hours, &every, &days)?;
    let messages_per_day_max = read::limit("messages_per_day_max", &messages_per_day_max)?;
    let hours = store::workspaces::SendingHours { daily_window, messages_per_day_max };
    store::workspaces::set_sending_hours(&proof, revision, &hours).await?;
    leptos_axum::redirect(&format!("/w/{slug}/settings"));
    Ok(())
}

/// Changes what the workspace may use, as it was seen in `revision`.
#[server]
pub async fn save_caps(
    slug: String,
    revision: u64,
    #[server(default)] segments_per_s_max: String,
    #[server(default)] storage_max_mib: String,
) -> Result<(), AppError> {
    use domain::permission::kind::ManageInstallation;

    let scope = super::context::enter(&slug).await?;
    let proof = scope.grant::<ManageInstallation>()?;
    let caps = store::workspaces::Caps {
        segments_per_s_max: read::limit("segments_per_s_max", &segments_per_s_max)?,
        storage_max_mib: read::limit("storage_max_mib", &storage_max_mib)?,
    };
    store::workspaces::set_caps(&proof, revision, caps).await?;
    leptos_axum::redirect(&format!("/w/{slug}/settings"));
    Ok(())
}

#[cfg(feature = "ssr")]
mod read {
    use std::str::FromStr;

    use domain::week::{Hours, Week};

    use super::{HoursChoice, TypedHours};
    use crate::{
        error::{AppError, FieldError},
        state::week::minute_of,
    };

    const FORM: &str = "Hours are written as 09:00.";

    pub fn week(choice: HoursChoice, every: &TypedHours, days: &[TypedHours]) -> Result<Option<Week>, AppError> {
        let week = match choice {
            HoursChoice::AnyTime => return Ok(None),
            HoursChoice::EveryDay => {
                let hours = of_day(every, "every", "")
                    .map_err(|refused| AppError::fields(vec![refused]))?
                    .ok_or_else(|| AppError::field("every[from]", "Set from when to when messages go out."))?;
                Week([Some(hours); 7])
            }
            HoursChoice::ByDay => {
                let mut week = Week([None; 7]);
                let mut refused = Vec::new();
                for (place, day) in Week::DAYS.into_iter().enumerate() {
                    let typed = days.get(place).cloned().unwrap_or_default();
                    match of_day(&typed, &format!("days[{place}]"), day) {
                        Ok(hours) => week.0[place] = hours,
                        Err(error) => refused.push(error),
                    }
                }
                if !refused.is_empty() {
                    return Err(AppError::fields(refused));
                }
                week
            }
        };
        week.check().map_err(|refusal| AppError::field("hours", crate::error::sentence(&refusal.to_string())))?;
        Ok(Some(week))
    }

    /// None: nothing goes out on that day. `day` empty: on every day.
    fn of_day(typed: &TypedHours, field: &str, day: &str) -> Result<Option<Hours>, FieldError> {
        let refuse = |part: &str, message: &str| {
            let message = if day.is_empty() { message.to_owned() } else { format!("{day}: {message}") };
            FieldError { field: format!("{field}[{part}]"), message }
        };
        let (from, to) = (typed.from.trim(), typed.to.trim());
        match (from.is_empty(), to.is_empty()) {
            (true, true) => return Ok(None),
            (true, false) => return Err(refuse("from", "Set when it begins, too.")),
            (false, true) => return Err(refuse("to", "Set when it ends, too.")),
            (false, false) => {}
        }
        let from_minute = minute_of(from).ok_or_else(|| refuse("from", FORM))?;
        // A time field has no 24:00.
        let to_minute = minute_of(to).map(|to| if to == 0 { 1_440 } else { to }).ok_or_else(|| refuse("to", FORM))?;
        if from_minute >= to_minute {
            return Err(refuse(
                "to",
                "The end has to be after the beginning; 00:00 is midnight at the end of the day.",
            ));
        }
        Ok(Some(Hours { from_minute, to_minute }))
    }

    /// A whole number above 0, or nothing.
    pub fn limit<T: FromStr + PartialEq + Default>(field: &str, typed: &str) -> Result<Option<T>, AppError> {
        match typed.trim() {
            "" => Ok(None),
            typed => match typed.parse() {
                Ok(limit) if limit != T::default() => Ok(Some(limit)),
                _ => Err(AppError::field(field, "Give a whole number above 0, or nothing for no limit.")),
            },
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        fn typed(from: &str, to: &str) -> TypedHours {
            TypedHours { from: from.into(), to: to.into() }
        }

        fn refused(result: Result<Option<Week>, AppError>) -> Vec<String> {
            result.unwrap_err().field_errors().iter().map(|refused| refused.field.clone()).collect()
        }

        #[test]
        fn hours_are_those_of_the_choice() {
            let (nine, days) = (typed("09:00", "20:00"), vec![typed("08:00", "00:00"); 7]);
            assert_eq!(week(HoursChoice::AnyTime, &nine, &days).unwrap(), None);
            assert_eq!(week(HoursChoice::EveryDay, &nine, &days).unwrap(), Some(Week::daily(540, 1_200)));
            assert_eq!(week(HoursChoice::ByDay, &nine, &days).unwrap(), Some(Week::daily(480, 1_440)));
            let mut few = vec![TypedHours::default(); 7];
            few[6] = nine.clone();
            let sunday = week(HoursChoice::ByDay, &nine, &few).unwrap().unwrap();
            assert_eq!(sunday.0[..6], [None; 6]);
        }

        #[test]
        fn each_field_that_is_wrong_is_named() {
            let none = TypedHours::default();
            assert_eq!(refused(week(HoursChoice::EveryDay, &none, &[])), ["every[from]"]);
            assert_eq!(refused(week(HoursChoice::EveryDay, &typed("20:00", "09:00"), &[])), ["every[to]"]);
            assert_eq!(refused(week(HoursChoice::ByDay, &none, &[])), ["hours"]);
            let days = [typed("9", "10:00"), typed("", "10:00"), typed("10:00", ""), typed("10:00", "10:00")];
            let wrong = ["days[0][from]", "days[1][from]", "days[2][to]", "days[3][to]"];
            assert_eq!(refused(week(HoursChoice::ByDay, &none, &days)), wrong);
        }

        #[test]
        fn a_limit_is_above_nothing() {
            assert_eq!(limit::<u32>("x", " "), Ok(None));
            assert_eq!(limit::<u64>("x", "5000000000"), Ok(Some(5_000_000_000)));
            for wrong in ["0", "-1", "1.5", "many"] {
                assert!(limit::<u32>("x", wrong).is_err(), "{wrong}");
            }
        }
    }
}
