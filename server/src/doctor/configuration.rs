//! How it is configured: what an operator may not be aware of.

use app::api::diagnostics::Finding;

use super::Area;
use crate::config::Config;

pub(super) fn look(config: &Config) -> Vec<Finding> {
    let mut area = Area::new("Configuration");
    area.good("Settings", format!("read and checked; people reach it at {}", config.public_url));
    if config.insecure_http {
        area.warn(
            "Encryption",
            "plain HTTP is served beyond this machine: passwords can be read on the way",
            "give the server tls_certificate and tls_key, or put a proxy with https before it, and take insecure_http out",
        );
    } else if config.is_https() {
        area.good("Encryption", "people reach it by https");
    } else {
        area.note(
            "Encryption",
            "it is reached from this machine only",
            "docs/OPERATIONS.md, “Install”, says how to open it",
        );
    }
    if config.links.is_empty() && config.cores.is_empty() {
        area.note(
            "Carriers",
            "none is configured: campaigns go to the simulator, and no real message leaves",
            "add a section [[links]] with the account at your carrier: docs/configuration.md",
        );
    } else {
        let disabled = config.links.iter().filter(|link| link.disabled).count();
        let found = format!(
            "{} links, of which {disabled} are disabled; {} pools; {} SMS Cores",
            config.links.len(),
            config.pools.len(),
            config.cores.len()
        );
        area.good("Carriers", found);
    }
    for link in config.links.iter().filter(|link| link.rate_segments_per_s.is_none() && !link.is_simulator) {
        area.note(
            format!("Rate of {}", link.id),
            "no limit is set: the carrier's own throttling is the limit",
            "set rate_segments_per_s to what your contract says, and the carrier need not throttle",
        );
    }
    if config.webhooks_to_private {
        area.warn(
            "Webhooks",
            "they may go to this machine and into private networks: whoever manages a workspace can look around there",
            "take webhooks_to_private out unless everybody who manages a workspace is trusted with that network",
        );
    }
    match &config.metrics {
        None => area.note(
            "Metrics",
            "they are not served to Prometheus",
            "add a section [metrics]: docs/OPERATIONS.md, “Monitoring”; the page of monitoring works without it",
        ),
        Some(metrics) => area.good("Metrics", format!("served at http://{}/metrics", metrics.listen)),
    }
    if let Some(grafana) = &config.grafana {
        let (count, url) = (grafana.dashboards.len(), &grafana.public_url);
        area.good("Dashboards", format!("{count} of Grafana are shown to super admins, by {url}"));
    }
    area.findings
}
