//! The times of a campaign against the clock: what can still be submitted, and what has passed.

use domain::{
    campaign::{Mode, Parameters},
    spread,
};

use crate::{Error, Scope};

/// Whether the campaign must not start by itself any more: its start has passed; of Spread, its whole window. A Spread
/// campaign that is late but inside its window is spread over what is left of it.
pub(super) fn has_passed(parameters: &Parameters, now_ms: i64) -> bool {
    let passed = |at_ms: Option<i64>| at_ms.is_some_and(|at_ms| at_ms <= now_ms);
    match parameters.mode {
        Mode::Scheduled => passed(parameters.start_at_ms),
        Mode::Spread | Mode::Trigger => passed(parameters.end_at_ms),
        Mode::OnDemand => false,
    }
}

/// Whether somebody can be asked to approve these times; the refusal names the field and the step.
pub(super) fn check(scope: &Scope, parameters: &Parameters) -> Result<(), Error> {
    let now_ms = scope.now_ms();
    match parameters.mode {
        Mode::OnDemand => Ok(()),
        Mode::Scheduled => check_start(parameters, now_ms).map(drop),
        Mode::Spread => {
            let start_ms = check_start(parameters, now_ms)?;
            let end_ms = parameters
                .end_at_ms
                .ok_or_else(|| Error::invalid("end", "set the date and time of the window's end (step 2)"))?;
            let zone = scope
                .zone()
                .ok_or_else(|| Error::invalid("start", "the time zone of this workspace is not known here"))?;
            spread::check(&(start_ms..end_ms), scope.workspace().daily_window.as_ref(), &zone)
                .map_err(|refusal| Error::invalid("end", format!("{refusal} (step 2)")))
        }
        Mode::Trigger => match parameters.end_at_ms {
            Some(end_ms) if end_ms <= now_ms => {
                Err(Error::invalid("end", "the end is in the past; choose a later one, or none (step 2)"))
            }
            Some(_) | None => Ok(()),
        },
    }
}

fn check_start(parameters: &Parameters, now_ms: i64) -> Result<i64, Error> {
    match parameters.start_at_ms {
        None => Err(Error::invalid("start", "set the date and time of the start (step 2)")),
        Some(start_ms) if start_ms <= now_ms => {
            Err(Error::invalid("start", "the start is in the past; choose a later one (step 2)"))
        }
        Some(start_ms) => Ok(start_ms),
    }
}
