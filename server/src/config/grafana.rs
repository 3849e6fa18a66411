//! Grafana's dashboards within our pages, `[grafana]` in the file. Without it there are our own charts.

use std::{
    collections::BTreeSet,
    fs,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use axum::http::{HeaderName, Uri};
use domain::webhook::is_public;
use serde::{Deserialize, Serialize};

use super::{Config, ConfigError};

/// As `deploy/grafana` provisions them.
const SHIPPED: [(&str, &str); 2] = [("message-center-overview", "Overview"), ("message-center-links", "Links")];
const SHIPPED_SOURCE: &str = "message-center-prometheus";

/// Where Grafana is, and where our proxy in front of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrafanaConfig {
    /// Grafana itself, such as `http://127.0.0.1:3001`: reached by this server alone.
    pub url: String,
    /// Address and port of our proxy.
    pub listen: SocketAddr,
    /// The address under which browsers reach the proxy, an origin of its own.
    pub public_url: String,
    /// Certificates (PEM) that are trusted at Grafana's end besides those of the system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// The dashboards that are shown, and no others.
    #[serde(default = "shipped_dashboards")]
    pub dashboards: Vec<DashboardConfig>,
    /// The uids of the data sources that their panels may ask.
    #[serde(default = "shipped_sources")]
    pub datasources: Vec<String>,
    /// As whom Grafana knows everybody who looks through the proxy.
    #[serde(default = "viewer")]
    pub user: String,
    /// `header_name` of Grafana's `[auth.proxy]`.
    #[serde(default = "user_header")]
    pub user_header: String,
    /// The header that stands for `Role` in `headers` of Grafana's `[auth.proxy]`.
    #[serde(default = "role_header")]
    pub role_header: String,
}

/// A dashboard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DashboardConfig {
    pub uid: String,
    /// What its tab is called.
    pub title: String,
}

fn shipped_dashboards() -> Vec<DashboardConfig> {
    SHIPPED.map(|(uid, title)| DashboardConfig { uid: uid.to_owned(), title: title.to_owned() }).to_vec()
}

fn shipped_sources() -> Vec<String> {
    vec![SHIPPED_SOURCE.to_owned()]
}

fn viewer() -> String {
    "message-center".to_owned()
}

fn user_header() -> String {
    "X-WEBAUTH-USER".to_owned()
}

fn role_header() -> String {
    "X-WEBAUTH-ROLE".to_owned()
}

/// How the proxy's cookie gets into a frame of our pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Site {
    /// Both origins are of one site for certain: the cookie stays within it.
    Same,
    /// They may be of different sites: the cookie has to be let into frames, in a jar of its own for each site around.
    Other,
}

impl GrafanaConfig {
    /// Addresses as browsers write origins.
    pub(super) fn tidy(&mut self) {
        for url in [&mut self.url, &mut self.public_url] {
            *url = url.trim_end_matches('/').to_ascii_lowercase();
        }
    }

    /// # Errors
    /// What is wrong, with what to change.
    pub fn check(&self, main: &Config) -> Result<(), ConfigError> {
        self.check_upstream()?;
        self.check_origin(main)?;
        if self.dashboards.is_empty() {
            return Err(wrong(
                "dashboards",
                "at least one, with uid and title; left out they are those of deploy/grafana",
            ));
        }
        if !self.dashboards.iter().all(|one| is_uid(&one.uid) && !one.title.trim().is_empty()) {
            return Err(wrong("dashboards", "each with a title and a uid of letters, digits, - and _"));
        }
        let uids: BTreeSet<&str> = self.dashboards.iter().map(|one| one.uid.as_str()).collect();
        if uids.len() != self.dashboards.len() {
            return Err(wrong("dashboards", "each there once"));
        }
        if self.datasources.is_empty() || !self.datasources.iter().all(|uid| is_uid(uid)) {
            return Err(wrong("datasources", "uids of letters, digits, - and _, at least one"));
        }
        if self.user.is_empty() || self.user.len() > 64 || !self.user.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(wrong("user", "a name of 1 to 64 characters without spaces"));
        }
        for (setting, name) in [("user_header", &self.user_header), ("role_header", &self.role_header)] {
            if !name.to_ascii_lowercase().starts_with("x-") || header(name).is_none() {
                return Err(wrong(setting, "the name of a header that begins with X-, as in [auth.proxy] of Grafana"));
            }
        }
        if self.user_header.eq_ignore_ascii_case(&self.role_header) {
            return Err(wrong("role_header", "another header than user_header"));
        }
        Ok(())
    }

    fn check_upstream(&self) -> Result<(), ConfigError> {
        const RULE: &str = "an address without a path, such as http://127.0.0.1:3001, on this machine or in a private \
                            network; anywhere else it has to be https://";
        let (https, host) = origin(&self.url).ok_or_else(|| wrong("url", RULE))?;
        if !https && !is_private(&host) {
            return Err(wrong("url", RULE));
        }
        if self.ca_file.is_some() && !https {
            return Err(wrong("ca_file", "left out where url is not https"));
        }
        self.ca().map(drop)
    }

    fn check_origin(&self, main: &Config) -> Result<(), ConfigError> {
        let Some((https, host)) = origin(&self.public_url) else {
            return Err(wrong("public_url", "an address such as https://grafana.sms.example.org, without a path"));
        };
        if self.listen == main.listen && self.listen.port() != 0 {
            return Err(wrong("listen", "another address or port than that of the pages"));
        }
        if main.own_origins().iter().any(|own| own.eq_ignore_ascii_case(&self.public_url)) {
            return Err(wrong(
                "public_url",
                "an origin of its own: another host name, or another port than the pages have",
            ));
        }
        if main.is_https() && !https {
            return Err(wrong("public_url", "https as that of the pages is: browsers show nothing else within them"));
        }
        let behind_tls = https && (main.tls_certificate.is_some() || !main.trusted_proxies.is_empty());
        if !self.listen.ip().is_loopback() && !behind_tls && !main.insecure_http {
            return Err(wrong(
                "listen",
                "an address of this machine such as 127.0.0.1:3002, unless public_url is https with tls_certificate or \
                 trusted_proxies",
            ));
        }
        if !https && self.site(main) == Site::Other {
            return Err(wrong(
                "public_url",
                "of the same host as that of the pages, or a name below it, as long as it is not https: browsers keep \
                 no cookie in the frame otherwise",
            ));
        }
        if !https && !is_here(&host) && !main.insecure_http {
            return Err(wrong("public_url", "https, unless plain HTTP is accepted with insecure_http"));
        }
        Ok(())
    }

    /// Whether both origins are of one site. Browsers know from a list of public suffixes; without it only a host and the
    /// names below it are certain.
    #[must_use]
    pub fn site(&self, main: &Config) -> Site {
        let (Some((_, pages)), Some((_, own))) = (origin(&main.public_url), origin(&self.public_url)) else {
            return Site::Other;
        };
        let below = |name: &str, host: &str| host.contains('.') && name.ends_with(&format!(".{host}"));
        let is_address = pages.parse::<IpAddr>().is_ok();
        let same_scheme = main.is_https() == self.is_https();
        if same_scheme && (own == pages || (!is_address && (below(&own, &pages) || below(&pages, &own)))) {
            Site::Same
        } else {
            Site::Other
        }
    }

    /// Whether the proxy shares its host with the pages: browsers then send their session's cookie to it, too, where it
    /// is dropped.
    #[must_use]
    pub fn shares_host(&self, main: &Config) -> bool {
        origin(&self.public_url).map(|(_, host)| host) == origin(&main.public_url).map(|(_, host)| host)
    }

    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }

    /// Whether browsers keep a `Secure` cookie of the proxy: by https, and on this machine.
    #[must_use]
    pub fn keeps_secure_cookies(&self) -> bool {
        self.is_https() || origin(&self.public_url).is_some_and(|(_, host)| is_here(&host))
    }

    /// What `ca_file` holds.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn ca(&self) -> Result<Option<Vec<u8>>, ConfigError> {
        let Some(file) = &self.ca_file else { return Ok(None) };
        fs::read(file).map(Some).map_err(|source| ConfigError::GrafanaFile { file: file.clone(), source })
    }

    /// The section as a file would say it.
    pub(super) fn to_toml(&self) -> String {
        let ca = self.ca_file.as_ref().map(|file| format!("ca_file = {file:?}\n")).unwrap_or_default();
        let dashboards: String = self
            .dashboards
            .iter()
            .map(|one| format!("\n\n[[grafana.dashboards]]\nuid = {:?}\ntitle = {:?}", one.uid, one.title))
            .collect();
        format!(
            "[grafana]\nurl = {:?}\nlisten = \"{}\"\npublic_url = {:?}\n{ca}datasources = {:?}\nuser = {:?}\nuser_header = {:?}\nrole_header = {:?}{dashboards}",
            self.url, self.listen, self.public_url, self.datasources, self.user, self.user_header, self.role_header,
        )
    }
}

fn wrong(setting: &'static str, rule: &'static str) -> ConfigError {
    ConfigError::Grafana { setting, rule }
}

fn header(name: &str) -> Option<HeaderName> {
    HeaderName::from_bytes(name.as_bytes()).ok()
}

fn is_uid(text: &str) -> bool {
    (1..=40).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

/// Whether an address is https, and its host in lower case; None when it is not written as browsers write an origin.
fn origin(url: &str) -> Option<(bool, String)> {
    let uri: Uri = url.parse().ok()?;
    let https = match uri.scheme_str()? {
        "https" => true,
        "http" => false,
        _ => return None,
    };
    let authority = uri.authority()?;
    let usual_port = if https { 443 } else { 80 };
    let is_bare = url == format!("{}://{authority}", uri.scheme_str()?)
        && !authority.as_str().contains('@')
        && authority.port_u16() != Some(usual_port);
    let host = authority.host().trim_matches(['[', ']']).to_ascii_lowercase();
    (is_bare && !host.is_empty()).then_some((https, host))
}

fn is_here(host: &str) -> bool {
    host == "localhost" || host.ends_with(".localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// What leads to this machine or into a private network, as far as a name tells: names of containers have no dot.
fn is_private(host: &str) -> bool {
    if let Ok(address) = host.parse::<IpAddr>() {
        return !is_public(address);
    }
    let endings = [".localhost", ".local", ".lan", ".internal", ".home.arpa"];
    !host.contains('.') || endings.iter().any(|ending| host.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use figment::{
        Figment,
        providers::{Format, Serialized, Toml},
    };

    use super::*;
    use crate::config::DEFAULTS;

    const HERE: &str = "[grafana]\nurl = \"http://127.0.0.1:3001\"\nlisten = \"127.0.0.1:3002\"\n";

    fn load(toml: &str) -> Result<Config, ConfigError> {
        Config::from_sources(&Figment::from(Serialized::defaults(DEFAULTS)).merge(Toml::string(toml)))
    }

    fn refused(toml: &str) -> String {
        load(toml).unwrap_err().to_string()
    }

    #[test]
    fn it_is_off_until_it_is_set_up_and_then_knows_the_shipped_dashboards() {
        assert_eq!(load("").unwrap().grafana, None);
        let config = load(&format!("{HERE}public_url = \"http://127.0.0.1:3002/\"")).unwrap();
        let grafana = config.grafana.clone().unwrap();
        assert_eq!(grafana.public_url, "http://127.0.0.1:3002");
        assert_eq!(load(&config.to_toml()).unwrap().grafana, Some(grafana.clone()));
        let shipped = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("deploy/grafana");
        for (uid, file) in grafana.dashboards.iter().zip(["overview.json", "links.json"]) {
            let text = fs::read_to_string(shipped.join("dashboards").join(file)).unwrap();
            let dashboard: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(dashboard["uid"], uid.uid.as_str());
        }
        let source = fs::read_to_string(shipped.join("provisioning/datasources/message-center.yml")).unwrap();
        assert!(source.contains(&format!("uid: {}\n", grafana.datasources[0])));
    }

    #[test]
    fn mistakes_are_named() {
        let with = |lines: &str| refused(&format!("{HERE}public_url = \"http://127.0.0.1:3002\"\n{lines}"));
        for (lines, named) in [
            ("dashboards = []", "dashboards of [grafana]"),
            ("user = \"two words\"", "user of [grafana]"),
            ("user_header = \"Cookie\"", "user_header of [grafana]"),
            ("role_header = \"x-webauth-user\"", "role_header of [grafana]"),
            ("datasources = [\"../x\"]", "datasources of [grafana]"),
            ("ca_file = \"/nowhere\"", "ca_file of [grafana]"),
            ("[[grafana.dashboards]]\nuid = \"a/b\"\ntitle = \"A\"", "dashboards of [grafana]"),
            ("titel = 1", "titel"),
        ] {
            let refusal = with(lines);
            assert!(refusal.contains(named), "{lines}: {refusal}");
        }
        let https = HERE.replace("http://127.0.0.1:3001", "https://10.0.0.7");
        let lost = refused(&format!("{https}public_url = \"http://127.0.0.1:3002\"\nca_file = \"/nowhere\""));
        assert!(lost.contains("/nowhere"), "{lost}");
    }

    #[test]
    fn grafana_is_on_this_machine_in_a_private_network_or_behind_https() {
        let upstream = |url: &str| {
            let toml = HERE.replace("http://127.0.0.1:3001", url);
            load(&format!("{toml}public_url = \"http://127.0.0.1:3002\""))
        };
        for url in ["http://grafana:3000", "http://10.1.2.3:3000", "http://[::1]:3000", "https://grafana.example.org"] {
            assert!(upstream(url).is_ok(), "{url}");
        }
        for url in [
            "http://grafana.example.org",
            "http://8.8.8.8",
            "ftp://grafana",
            "grafana",
            "http://a@grafana",
            "http://grafana/x",
        ] {
            assert!(upstream(url).unwrap_err().to_string().contains("url of [grafana]"), "{url}");
        }
    }

    #[test]
    fn the_proxy_has_an_origin_of_its_own_that_browsers_show_in_a_frame() {
        let pages = "listen = \"127.0.0.1:3000\"\ntrusted_proxies = [\"127.0.0.1\"]\npublic_url = \"https://sms.example.org\"\n";
        let with = |public: &str| load(&format!("{pages}{HERE}public_url = \"{public}\""));
        for (public, site) in [
            ("https://sms.example.org:8443", Site::Same),
            ("https://grafana.sms.example.org", Site::Same),
            ("https://grafana.example.org", Site::Other),
            ("https://grafana.example.net", Site::Other),
        ] {
            let config = with(public).unwrap();
            assert_eq!(config.grafana.as_ref().unwrap().site(&config), site, "{public}");
        }
        for (public, named) in [
            ("https://sms.example.org", "an origin of its own"),
            ("http://grafana.sms.example.org", "https as that of the pages"),
            ("https://grafana.sms.example.org/grafana", "without a path"),
            ("https://grafana.sms.example.org:443", "without a path"),
        ] {
            let refusal = with(public).unwrap_err().to_string();
            assert!(refusal.contains(named), "{public}: {refusal}");
        }
        let plain = refused(&format!("{HERE}public_url = \"http://grafana.example.org\""));
        assert!(plain.contains("of the same host"), "{plain}");
        let open = HERE.replace("127.0.0.1:3002", "0.0.0.0:3002");
        let open = refused(&format!("{open}public_url = \"http://127.0.0.1:3002\""));
        assert!(open.contains("listen of [grafana]"), "{open}");
        let twice = HERE.replace("127.0.0.1:3002", "127.0.0.1:3000");
        assert!(refused(&format!("{twice}public_url = \"http://127.0.0.1:3002\"")).contains("listen of [grafana]"));
    }
}
