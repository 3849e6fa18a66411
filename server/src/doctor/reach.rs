//! Who has to be reached: carriers, SMS Cores, the mail server, Grafana.

use std::sync::Arc;

use app::api::diagnostics::Finding;
use engine::{LinkState, UNCONFIRMED};
use sms_core::remote::{API_VERSION, RemoteCore};
use tokio::{net::TcpStream, time::timeout};

use super::{Area, Doctor, PATIENCE, data};
use crate::{grafana::Upstream, mail::Mailer};

pub(super) async fn look(doctor: &Doctor) -> Vec<Finding> {
    let mut area = Area::new("Links");
    match &doctor.live {
        Some(live) => {
            cores(&mut area, &live.cores);
            let links = live.engine.links();
            within(&mut area, &links, &live.cores);
            let receive = links.iter().filter(|link| link.state == LinkState::Up && !link.submits);
            unconfirmed(doctor, &mut area, receive.map(|link| link.name.as_str()));
        }
        None => outside(doctor, &mut area).await,
    }
    let mut findings = area.findings;
    findings.extend(mail(doctor).await);
    findings.extend(grafana(doctor).await);
    findings
}

/// The other processes. One of another version of the API lets nobody in, and says which it speaks.
fn cores(area: &mut Area, cores: &[Arc<RemoteCore>]) {
    for core in cores {
        let what = format!("SMS Core {}", core.id());
        if core.is_connected() {
            area.good(what, format!("connected; it speaks version {API_VERSION} of the Core API"));
        } else {
            area.fault(
                what,
                format!(
                    "not connected: {}; here it is version {API_VERSION} of the Core API",
                    core.trouble().as_deref().unwrap_or("nothing has answered yet")
                ),
                "start message-center core there, of the same release, and look at certificates and firewall",
            );
        }
    }
}

/// As the running server knows them.
fn within(area: &mut Area, links: &[engine::LinkStatus], cores: &[Arc<RemoteCore>]) {
    for link in links {
        let what = link.name.clone();
        let core = cores.iter().find(|core| core.has(&link.id));
        let by = core.map_or_else(String::new, |core| format!("; by SMS Core {}", core.id()));
        let sessions = format!("{} of {} sessions are bound{by}", link.sessions_bound, link.sessions_configured);
        match link.state {
            LinkState::Up if link.sessions_bound < link.sessions_configured => area.warn(
                what,
                sessions,
                "the carrier lets in fewer sessions than are configured, or some break: look into the log, or ask the carrier",
            ),
            LinkState::Up if link.is_throttled => area.warn(
                what,
                format!("up; {sessions}; the carrier throttles"),
                "set rate_segments_per_s to what the carrier takes",
            ),
            LinkState::Up => area.good(what, format!("up; {sessions}")),
            LinkState::Connecting => area.fault(
                what,
                format!("not bound: {}", link.last_error.as_deref().unwrap_or("nothing has answered yet")),
                "look at host, port, TLS and the firewall; it keeps trying, and campaigns on it wait",
            ),
            LinkState::Stopped => area.fault(
                what,
                format!("stopped: {}", link.last_error.as_deref().unwrap_or("the carrier refused the bind")),
                "correct system_id or password, or have the carrier open the account, and restart the link",
            ),
            LinkState::Draining => area.note(what, "being drained", "enable it when it is needed again"),
            LinkState::Disabled => area.note(what, "disabled", "enable it when it is needed again"),
            LinkState::ShutDown => area.note(what, "closed", "the server is stopping"),
        }
    }
}

/// Links that only receive, where no other one is named for confirmations.
fn unconfirmed<'a>(doctor: &Doctor, area: &mut Area, receive_only: impl Iterator<Item = &'a str>) {
    if doctor.config.inbound.to_config().leaves_unconfirmed(false) {
        let (found, advice) = UNCONFIRMED;
        receive_only.for_each(|link| area.warn(link, found, advice));
    }
}

/// From this machine, without the server.
async fn outside(doctor: &Doctor, area: &mut Area) {
    let binds = doctor.binds && !data::is_running(doctor).await;
    for link in doctor.config.links.iter().filter(|link| !link.disabled) {
        let what = format!("{} ({})", link.name, link.id);
        let found = if binds {
            match timeout(PATIENCE * 6, sms_core::test_bind(link)).await {
                Ok(result) => result.map(|()| "a session was bound and ended"),
                Err(_) => Err("no answer in time".to_owned()),
            }
        } else {
            reached(&link.host, link.port).await.map(|()| "it can be connected to; --bind tries the account as well")
        };
        match found {
            Ok(found) => area.good(what, found),
            Err(reason) => area.fault(
                what,
                format!("{}:{}: {reason}", link.host, link.port),
                "look at host, port, TLS, system_id and password, and at the firewall between here and the carrier",
            ),
        }
    }
    let receive = doctor.config.links.iter().filter(|link| !link.disabled && !link.bind.submits());
    unconfirmed(doctor, area, receive.map(|link| link.name.as_str()));
    for core in &doctor.config.cores {
        let what = format!("SMS Core {}", core.id);
        let authority = core.url.trim_start_matches("https://").trim_end_matches('/');
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, port.parse().unwrap_or(443)),
            _ => (authority, 443),
        };
        match reached(host.trim_matches(['[', ']']), port).await {
            Ok(()) => area.good(what, "it can be connected to"),
            Err(reason) => area.fault(
                what,
                format!("{}: {reason}", core.url),
                "start message-center core there, and look at the firewall between here and it",
            ),
        }
    }
}

async fn reached(host: &str, port: u16) -> Result<(), String> {
    match timeout(PATIENCE, TcpStream::connect((host, port))).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(cause)) => Err(cause.to_string()),
        Err(_) => Err(format!("no answer within {} s", PATIENCE.as_secs())),
    }
}

async fn mail(doctor: &Doctor) -> Vec<Finding> {
    let mut area = Area::new("Mail");
    let Some(config) = &doctor.config.mail else {
        area.note(
            "Mail server",
            "none is configured: links are handed over by whoever makes them",
            "add a section [mail]: docs/configuration.md",
        );
        return area.findings;
    };
    let tried = match Mailer::new(config, &doctor.config.public_url) {
        Ok(mailer) => match timeout(PATIENCE * 2, mailer.try_connection()).await {
            Ok(tried) => tried,
            Err(_) => Err("no answer in time".to_owned()),
        },
        Err(cause) => Err(cause.to_string()),
    };
    match tried {
        Ok(()) => area.good("Mail server", format!("{} takes mails", config.summary())),
        Err(reason) => area.fault(
            "Mail server",
            format!("{}: {reason}", config.summary()),
            "look at host, port, tls, user and password of [mail]; mails wait for a day",
        ),
    }
    area.findings
}

/// From here, as the proxy in front of it does.
async fn grafana(doctor: &Doctor) -> Vec<Finding> {
    let Some(config) = &doctor.config.grafana else { return Vec::new() };
    let mut area = Area::new("Grafana");
    let tried = match Upstream::new(config) {
        Ok(upstream) => upstream.health().await,
        Err(cause) => Err(cause.to_string()),
    };
    match tried {
        Ok(version) => area.good("Grafana", format!("version {version} answers at {}", config.url)),
        Err(reason) => area.warn(
            "Grafana",
            format!("{}: {reason}", config.url),
            "start it, or correct url of [grafana]; the charts of the page of monitoring do not need it",
        ),
    }
    if config.shares_host(&doctor.config) {
        area.note(
            "Origin",
            "the dashboards have the host name of the pages: browsers send the session's cookie there as well, where it is \
             dropped",
            "give public_url of [grafana] a name of its own, such as one below that of the pages",
        );
    }
    area.findings
}

#[cfg(test)]
mod tests {
    use std::{collections::HashMap, time::Duration};

    use app::api::diagnostics::Verdict;
    use domain::{clock::Clock, id::InstallationId};
    use smpp::simulator::{Simulator, SimulatorConfig};
    use sms_core::{
        ChannelId, Core, CoreSettings, InProcessCore, LinkSettings,
        remote::{CoreServer, IdentityFiles, RemoteSettings, ServerSettings, issue},
    };
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::{
        clock::SystemClock,
        config::{Config, Overrides},
    };

    /// What is said of links when one of them only receives.
    #[tokio::test]
    async fn a_link_that_only_receives_cannot_confirm_a_stop() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("message-center.toml");
        let link = "[[links]]\nid = \"in\"\nname = \"Inbound\"\nhost = \"127.0.0.1\"\nport = 1\nsystem_id = \"a\"\n\
                    password = \"secret\"\nbind = \"receiver\"\n";
        for (inbound, is_said) in [("", true), ("[inbound]\nreply_by = \"out\"\n", false)] {
            std::fs::write(&file, format!("{link}{inbound}")).unwrap();
            let config = Config::load(Some(&file), &Overrides::default()).unwrap();
            let findings = look(&Doctor::outside(config, Arc::new(SystemClock), false)).await;
            let said =
                findings.iter().any(|finding| finding.what == "Inbound" && finding.found.contains("never confirmed"));
            assert_eq!(said, is_said, "{findings:?}");
        }
    }

    #[tokio::test]
    async fn a_link_of_another_process_says_by_which_core_it_goes_and_the_core_its_version() {
        let simulator = Simulator::bind(SimulatorConfig::loopback()).await.unwrap();
        let link = LinkSettings::simulator(ChannelId::parse("carrier").unwrap(), simulator.address().port());
        tokio::spawn(simulator.run(std::future::pending()));
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let links = Arc::new(InProcessCore::start(CoreSettings { links: vec![link] }, &clock).unwrap());
        let folder = tempfile::tempdir().unwrap();
        let issued = issue(folder.path(), &["localhost".to_owned()]).unwrap();
        let files = |(certificate, key): &(std::path::PathBuf, std::path::PathBuf)| IdentityFiles {
            ca: issued.ca.clone(),
            certificate: certificate.clone(),
            key: key.clone(),
            crl: None,
        };
        let settings = ServerSettings {
            listen: ([127, 0, 0, 1], 0).into(),
            identity: files(&issued.core),
            allow: vec![issued.center_name.clone()],
            connection_age: Duration::from_secs(300),
            watch: Duration::from_secs(60),
        };
        let served = CoreServer::bind(settings, links).await.unwrap();
        let url = format!("https://localhost:{}", served.address().port());
        let id = ChannelId::parse("dmz").unwrap();
        let settings = RemoteSettings::new(id, url, files(&issued.center));
        let core = Arc::new(RemoteCore::start(settings, InstallationId::NIL, &clock).unwrap());
        let look = || {
            let mut area = Area::new("Links");
            cores(&mut area, std::slice::from_ref(&core));
            within(&mut area, &core.links(), std::slice::from_ref(&core));
            area.findings
        };
        assert_eq!(look()[0].verdict, Verdict::Fault, "nothing is served yet");
        tokio::spawn(served.run(CancellationToken::new()));
        core.keep_to(&HashMap::new());
        let is_up = || core.links().iter().any(|link| link.state == LinkState::Up);
        timeout(Duration::from_secs(30), async {
            while !is_up() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await
        .unwrap();
        let [of_core, of_link] = look().try_into().unwrap();
        assert_eq!(of_core.found, format!("connected; it speaks version {API_VERSION} of the Core API"));
        assert_eq!(of_link.found, "up; 1 of 1 sessions are bound; by SMS Core dmz");
    }
}
