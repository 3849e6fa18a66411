//! Numbers that somebody typed, one a line.

use domain::phone::{Country, PhoneNumber, normalise};

use crate::error::{AppError, sentence};

/// Sorted and without repetitions. National numbers are numbers of `country`; without one all have to be international. A
/// refusal names the line and not the number.
pub fn read(text: &str, country: Option<Country>) -> Result<Vec<PhoneNumber>, AppError> {
    let mut numbers = Vec::new();
    for (line, text) in (1..).zip(text.lines()).filter(|(_, text)| !text.trim().is_empty()) {
        let number = normalise(text, country)
            .map_err(|reject| AppError::field("numbers", format!("Line {line}: {}", sentence(&reject.to_string()))))?;
        numbers.push(number);
    }
    numbers.sort_unstable();
    numbers.dedup();
    if numbers.is_empty() {
        return Err(AppError::field("numbers", "Write at least one number."));
    }
    Ok(numbers)
}
