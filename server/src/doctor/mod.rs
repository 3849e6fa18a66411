//! What is in order and what is not: the page of diagnostics and `message-center doctor` look with the same eyes. Each
//! finding says what to do.
//!
//! Beside a running server nothing is opened that belongs to it: its own page knows more. Without one the database is
//! opened, and its schema left as it is.

mod audit;
mod campaigns;
mod configuration;
mod data;
mod machine;
mod reach;
mod secrets;
mod tls;

use std::{pin::Pin, sync::Arc, time::Duration};

use app::api::diagnostics::{Examiner, Finding, Verdict};
use domain::clock::Clock;
use engine::links::LinkDesk;
use sms_core::remote::RemoteCore;
use store::SystemDoor;

use crate::{config::Config, metrics::Certificate};

/// Nothing that is reached over the network gets longer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Looks at an installation.
#[derive(Debug, Clone)]
pub struct Doctor {
    config: Arc<Config>,
    clock: Arc<dyn Clock>,
    /// The running server from within; None: from outside.
    live: Option<Live>,
    /// Bind a session on each link, although the carrier may count it.
    binds: bool,
}

#[derive(Debug, Clone)]
struct Live {
    door: SystemDoor,
    engine: engine::Handle,
    links: LinkDesk,
    cores: Vec<Arc<RemoteCore>>,
}

impl Doctor {
    /// From outside, for the command.
    #[must_use]
    pub fn outside(config: Config, clock: Arc<dyn Clock>, binds: bool) -> Self {
        Self { config: Arc::new(config), clock, live: None, binds }
    }

    /// From within a running server, for its page.
    #[must_use]
    pub fn within(
        config: Config,
        clock: Arc<dyn Clock>,
        door: SystemDoor,
        engine: engine::Handle,
        links: LinkDesk,
        cores: Vec<Arc<RemoteCore>>,
    ) -> Self {
        Self { config: Arc::new(config), clock, live: Some(Live { door, engine, links, cores }), binds: false }
    }

    /// Looks at everything.
    pub async fn look(&self) -> Vec<Finding> {
        let mut findings = configuration::look(&self.config);
        findings.extend(data::look(self).await);
        findings.extend(audit::look(self));
        findings.extend(machine::look(self));
        findings.extend(reach::look(self).await);
        findings.extend(tls::look(self).await);
        findings.extend(secrets::look(&self.config));
        findings
    }

    fn now_s(&self) -> i64 {
        self.clock.now_ms() / 1_000
    }
}

/// Looks at the file of an SMS Core.
#[must_use]
pub fn of_core(now_s: i64, flaws: Vec<String>, certificates: &[Certificate]) -> Vec<Finding> {
    tls::of_core(now_s, flaws, certificates)
}

impl Examiner for Doctor {
    fn examine(&self) -> Pin<Box<dyn Future<Output = Vec<Finding>> + Send + '_>> {
        Box::pin(self.look())
    }

    fn examine_for_campaigns(&self) -> Pin<Box<dyn Future<Output = Vec<Finding>> + Send + '_>> {
        Box::pin(campaigns::look(self))
    }
}

/// Findings of one area.
#[derive(Debug)]
struct Area {
    name: &'static str,
    findings: Vec<Finding>,
}

impl Area {
    const fn new(name: &'static str) -> Self {
        Self { name, findings: Vec::new() }
    }

    fn put(&mut self, verdict: Verdict, what: impl Into<String>, found: impl Into<String>, advice: Option<String>) {
        let (area, what, found) = (self.name.to_owned(), what.into(), found.into());
        self.findings.push(Finding { area, what, verdict, found, advice });
    }

    fn good(&mut self, what: impl Into<String>, found: impl Into<String>) {
        self.put(Verdict::Good, what, found, None);
    }

    fn note(&mut self, what: impl Into<String>, found: impl Into<String>, advice: impl Into<String>) {
        self.put(Verdict::Note, what, found, Some(advice.into()));
    }

    fn warn(&mut self, what: impl Into<String>, found: impl Into<String>, advice: impl Into<String>) {
        self.put(Verdict::Warning, what, found, Some(advice.into()));
    }

    fn fault(&mut self, what: impl Into<String>, found: impl Into<String>, advice: impl Into<String>) {
        self.put(Verdict::Fault, what, found, Some(advice.into()));
    }
}

/// `512 MiB`, `1.5 GiB`.
fn bytes(count: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    let mut value = count as f64;
    let mut unit = "bytes";
    for next in UNITS {
        if value < 1_024.0 {
            break;
        }
        (value, unit) = (value / 1_024.0, next);
    }
    if value >= 10.0 || unit == "bytes" { format!("{value:.0} {unit}") } else { format!("{value:.1} {unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_said_as_people_say_them() {
        for (count, text) in
            [(0, "0 bytes"), (1_023, "1023 bytes"), (1_536, "1.5 KiB"), (64 << 20, "64 MiB"), (3 << 39, "1.5 TiB")]
        {
            assert_eq!(bytes(count), text);
        }
    }
}
