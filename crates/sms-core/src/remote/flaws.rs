//! What is wrong with files that are looked at every few seconds, said when it begins and every hour while it lasts.

use std::time::{Duration, Instant};

use super::IdentityError;

const REMIND: Duration = Duration::from_secs(3_600);

#[derive(Debug, Default)]
pub(super) struct Flaws {
    /// In words, as they were said last, and when.
    said: Option<(Vec<String>, Instant)>,
}

impl Flaws {
    /// What was found just now; whether something was said. `whose` certificates they are.
    pub fn look(&mut self, whose: &str, found: &[IdentityError]) -> bool {
        let words: Vec<String> = found.iter().map(ToString::to_string).collect();
        match &self.said {
            None if words.is_empty() => return false,
            Some((said, at)) if *said == words && at.elapsed() < REMIND => return false,
            _ => {}
        }
        if words.is_empty() {
            tracing::info!(whose, "all certificates can be used again");
            self.said = None;
            return true;
        }
        for cause in &words {
            tracing::error!(whose, %cause, "a certificate, an authority or a list cannot be used; what was before stays in force");
        }
        self.said = Some((words, Instant::now()));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flaw(file: &str) -> IdentityError {
        IdentityError::Content { file: file.into(), reason: "it has no certificate".to_owned() }
    }

    #[test]
    fn a_flaw_is_said_when_it_begins_when_it_changes_and_every_hour() {
        let mut flaws = Flaws::default();
        assert!(!flaws.look("core", &[]));
        assert!(flaws.look("core", &[flaw("a")]));
        assert!(!flaws.look("core", &[flaw("a")]));
        assert!(flaws.look("core", &[flaw("a"), flaw("b")]));
        if let Some((_, at)) = &mut flaws.said {
            *at = at.checked_sub(REMIND).unwrap();
        }
        assert!(flaws.look("core", &[flaw("a"), flaw("b")]), "an hour later");
        assert!(flaws.look("core", &[]), "that it is over");
        assert!(!flaws.look("core", &[]));
    }
}
