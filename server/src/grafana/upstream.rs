//! Grafana itself, as this server reaches it.

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderName, HeaderValue, Method, Response, header},
};

use super::trouble::Trouble;
use crate::config::{ConfigError, GrafanaConfig};

const CONNECT: Duration = Duration::from_secs(5);
/// Between two pieces of an answer, and until the first one.
const SILENCE: Duration = Duration::from_secs(30);
/// For a whole answer.
const ANSWER: Duration = Duration::from_secs(120);
/// Whoever wants to know whether it is there does not wait longer.
const HEALTH: Duration = Duration::from_secs(3);
/// Of Grafana's statement of its health.
const HEALTH_MAX: usize = 16 << 10;

/// What of a request goes on to Grafana. Everything else stays here: cookies, authorizations, what claims who asks or by
/// which ways a request came, the choice of another organisation, and headers that concern one connection.
const PASSED_ON: [HeaderName; 7] = [
    header::ACCEPT,
    header::ACCEPT_ENCODING,
    header::ACCEPT_LANGUAGE,
    header::IF_MODIFIED_SINCE,
    header::IF_NONE_MATCH,
    header::IF_RANGE,
    header::RANGE,
];

/// Speaks with Grafana.
#[derive(Debug, Clone)]
pub struct Upstream {
    http: reqwest::Client,
    url: String,
    /// What every request says of itself.
    said: HeaderMap,
}

impl Upstream {
    /// # Errors
    /// When Grafana cannot be reached as configured, whatever it does.
    pub fn new(config: &GrafanaConfig) -> Result<Self, ConfigError> {
        let unusable = |setting| ConfigError::Grafana { setting, rule: "something that can be used" };
        let mut builder = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .read_timeout(SILENCE)
            .timeout(ANSWER)
            // A redirection is for the browser, if for anybody.
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .pool_max_idle_per_host(8)
            .user_agent(concat!("message-center/", env!("CARGO_PKG_VERSION")));
        if let Some(pem) = config.ca()? {
            let unreadable = ConfigError::Grafana { setting: "ca_file", rule: "a file of certificates in PEM" };
            let Ok(certificates) = reqwest::Certificate::from_pem_bundle(&pem) else { return Err(unreadable) };
            if certificates.is_empty() {
                return Err(unreadable);
            }
            builder = certificates.into_iter().fold(builder, reqwest::ClientBuilder::add_root_certificate);
        }
        let http = builder.build().map_err(|_| unusable("ca_file"))?;
        let name = |setting, name: &str| HeaderName::from_bytes(name.as_bytes()).map_err(|_| unusable(setting));
        let value = |setting, value: &str| HeaderValue::from_str(value).map_err(|_| unusable(setting));
        let (scheme, authority) = config.public_url.split_once("://").ok_or_else(|| unusable("public_url"))?;
        let mut said = HeaderMap::new();
        said.insert(name("user_header", &config.user_header)?, value("user", &config.user)?);
        said.insert(name("role_header", &config.role_header)?, HeaderValue::from_static("Viewer"));
        said.insert("x-forwarded-host", value("public_url", authority)?);
        said.insert("x-forwarded-proto", value("public_url", scheme)?);
        Ok(Self { http, url: config.url.clone(), said })
    }

    /// What Grafana answers. The path is one of the table, and goes out as it is.
    ///
    /// # Errors
    /// When it does not answer.
    pub(super) async fn ask(
        &self,
        method: Method,
        path: &str,
        query: Option<&str>,
        headers: &HeaderMap,
        body: Option<(HeaderValue, Bytes)>,
    ) -> Result<Response<Body>, Trouble> {
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        let url = reqwest::Url::parse(&format!("{}{path}{query}", self.url)).map_err(|_| Trouble::Unknown)?;
        // Paths of the table are ordinary: a library that reads them otherwise is not to be trusted with them.
        if url.path() != path {
            return Err(Trouble::Unknown);
        }
        let mut request = self.http.request(method, url);
        for name in PASSED_ON {
            if let Some(value) = headers.get(&name) {
                request = request.header(name, value);
            }
        }
        request = request.headers(self.said.clone());
        if let Some((content_type, body)) = body {
            request = request.header(header::CONTENT_TYPE, content_type).body(body);
        }
        let answer = request.send().await.map_err(|cause| {
            tracing::warn!(cause = %innermost(&cause), "Grafana does not answer");
            if cause.is_timeout() && !cause.is_connect() { Trouble::Slow } else { Trouble::Down }
        })?;
        Ok(Response::from(answer).map(Body::new))
    }

    /// Whether Grafana is there: its version, or why not.
    ///
    /// # Errors
    /// Why not, in words.
    pub async fn health(&self) -> Result<String, String> {
        let looked = self.http.get(format!("{}/api/health", self.url)).timeout(HEALTH).send();
        let answer = looked.await.map_err(|cause| {
            let late = format!("no answer within {} s", HEALTH.as_secs());
            if cause.is_timeout() { late } else { innermost(&cause) }
        })?;
        let status = answer.status();
        if !status.is_success() {
            return Err(format!("it answers with {status}"));
        }
        let body = axum::body::to_bytes(Body::new(Response::from(answer).into_body()), HEALTH_MAX).await;
        let body = body.map_err(|_| "it begins an answer and does not end it".to_owned())?;
        let health: serde_json::Value =
            serde_json::from_slice(&body).map_err(|_| "something else answers there".to_owned())?;
        match health["database"].as_str() {
            Some("ok") => Ok(health["version"].as_str().unwrap_or("of an unknown version").to_owned()),
            Some(state) => Err(format!("its database is not well: {state}")),
            None => Err("something else answers there".to_owned()),
        }
    }

    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

/// What lies at the bottom of an error, which is what tells people something; the others repeat the address.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
