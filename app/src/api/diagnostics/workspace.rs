//! What is in order and what is not, as far as it concerns those who run campaigns in a workspace. Nothing of it names the
//! machine, its folders and addresses, or another workspace.

use leptos::prelude::*;

use super::DiagnosticsView;
#[cfg(feature = "ssr")]
use super::{Finding, Verdict};
use crate::error::AppError;
#[cfg(feature = "ssr")]
use crate::{
    api::{
        context::Services,
        links::LinkHealth,
        monitoring::workspace::{UsedChannel, UsedLink},
        overview::MailTrouble,
    },
    state::moment::Moment,
};

/// Looks at it now; for admins, unless the installation keeps it to super admins.
#[server]
pub async fn workspace_diagnostics(slug: String) -> Result<DiagnosticsView, AppError> {
    use domain::permission::kind::{ViewDiagnostics, ViewMonitoring};

    let services = crate::api::context::services()?;
    let scope = crate::api::context::enter(&slug).await?;
    scope.grant::<ViewDiagnostics>()?;
    let channels = crate::api::monitoring::workspace::used(&services, &scope.grant::<ViewMonitoring>()?).await?;
    let mut findings = services.examiner.examine_for_campaigns().await;
    findings.extend(links(&channels));
    findings.extend(sending(&services, &scope).await?);
    Ok(DiagnosticsView {
        at: Moment::of(&scope, scope.now_ms()),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        findings,
    })
}

/// Each link once, by whichever of the workspace's channels.
#[cfg(feature = "ssr")]
fn links(channels: &[UsedChannel]) -> Vec<Finding> {
    const WAIT: &str = "campaigns on it wait and go on by themselves; nothing is lost. A super admin looks after links";

    let mut findings: Vec<Finding> = Vec::new();
    for channel in channels {
        let finding = |what: &str, verdict, found: String, advice: Option<&str>| Finding {
            area: "Links".to_owned(),
            what: what.to_owned(),
            verdict,
            found,
            advice: advice.map(str::to_owned),
        };
        if channel.links.is_empty() {
            let advice = "choose another channel for what is still to be sent, or ask a super admin to set it up again";
            findings.push(finding(&channel.name, Verdict::Warning, "not in use any more".to_owned(), Some(advice)));
        }
        for UsedLink { name, health, simulator, since, throttled } in &channel.links {
            if findings.iter().any(|known| known.what == *name) {
                continue;
            }
            let since = &since.local;
            let (verdict, found, advice) = match health {
                LinkHealth::Up if *throttled => (
                    Verdict::Note,
                    format!("up since {since}; the carrier throttles"),
                    Some("messages leave more slowly until the carrier takes more"),
                ),
                LinkHealth::Up if *simulator => (
                    Verdict::Note,
                    format!("up since {since}; it is the simulator, and no real message leaves by it"),
                    Some("a super admin sets up the link to your carrier"),
                ),
                LinkHealth::Up => (Verdict::Good, format!("up since {since}"), None),
                LinkHealth::Connecting => (Verdict::Fault, format!("not bound since {since}"), Some(WAIT)),
                LinkHealth::Stopped => (Verdict::Fault, format!("stopped at {since}"), Some(WAIT)),
                LinkHealth::Draining => (Verdict::Warning, format!("being drained since {since}"), Some(WAIT)),
                LinkHealth::Disabled => (Verdict::Warning, format!("out of use since {since}"), Some(WAIT)),
            };
            findings.push(finding(name, verdict, found, advice));
        }
    }
    findings
}

/// What a person decided, and whether people are told by mail.
#[cfg(feature = "ssr")]
async fn sending(services: &Services, scope: &store::Scope) -> Result<Vec<Finding>, AppError> {
    let finding = |area: &str, what: &str, verdict, found: &str, advice: Option<&str>| Finding {
        area: area.to_owned(),
        what: what.to_owned(),
        verdict,
        found: found.to_owned(),
        advice: advice.map(str::to_owned),
    };
    let paused = crate::api::hold::sentence(scope).await?.is_some();
    let hold = if paused {
        let advice = "the bar above says by whom and why; whoever paused it ends it in the settings";
        finding("Campaigns", "Sending", Verdict::Warning, "everything is paused", Some(advice))
    } else {
        finding("Campaigns", "Sending", Verdict::Good, "nothing is paused as a whole", None)
    };
    let advice = "hand over links by yourself, and ask a super admin to look at the mail server";
    let trouble = match &services.mail {
        Some(_) => crate::api::overview::mail_trouble(scope, true).await?,
        None => Some(MailTrouble::NotConfigured),
    };
    let mail = match trouble {
        None => finding("Campaigns", "Mails", Verdict::Good, "they are sent", None),
        Some(MailTrouble::NotConfigured) => {
            finding("Campaigns", "Mails", Verdict::Note, "none are sent: no mail server is configured", Some(advice))
        }
        Some(MailTrouble::NotTaken(since)) => {
            let found = format!("the mail server has not taken them since {}", since.local);
            finding("Campaigns", "Mails", Verdict::Warning, &found, Some(advice))
        }
    };
    Ok(vec![hold, mail])
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    fn used(name: &str, health: LinkHealth, throttled: bool) -> UsedLink {
        let since = Moment { local: "2026-11-20 17:45 +01:00".into(), utc: "2026-11-20T16:45:00Z".into() };
        UsedLink { name: name.into(), health, simulator: false, since, throttled }
    }

    #[test]
    fn each_link_is_judged_once_however_many_channels_lead_to_it() {
        let channel = |name: &str, links| UsedChannel { name: name.into(), is_pool: true, campaigns: 1, links };
        let (up, down) = (used("A", LinkHealth::Up, false), used("B", LinkHealth::Connecting, false));
        let slow = used("C", LinkHealth::Up, true);
        let channels =
            [channel("both", vec![up.clone(), down]), channel("one", vec![up, slow]), channel("former", Vec::new())];
        let found: Vec<_> = links(&channels).into_iter().map(|finding| (finding.what, finding.verdict)).collect();
        let expected =
            [("A", Verdict::Good), ("B", Verdict::Fault), ("C", Verdict::Note), ("former", Verdict::Warning)];
        assert_eq!(found, expected.map(|(what, verdict)| (what.to_owned(), verdict)));
        let said = &links(&channels)[1].found;
        assert_eq!(said, "not bound since 2026-11-20 17:45 +01:00");
    }
}
