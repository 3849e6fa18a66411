//! What of Grafana can be reached through the proxy: what a dashboard needs in order to be looked at, and nothing else.
//!
//! A path is either one of the table or there is nothing. It is compared as it was sent: what would have to be decoded,
//! or walks up, is refused, so that nobody has to agree with Grafana about what it means.

use axum::http::Method;

/// Longer ones nobody sends.
const PATH_MAX: usize = 1_024;

/// What may be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The uids of dashboards.
    pub dashboards: Vec<String>,
    /// The uids of data sources.
    pub datasources: Vec<String>,
}

/// What becomes of a request that is let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// A page: trouble is told in words.
    Page,
    /// Something that a page loads.
    Part,
    /// A question to data sources, which are named in the body.
    Query,
    /// A question that changes nothing, sent as a form.
    Ask,
}

/// Why a request is not let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// The path is not written as paths here are.
    Odd,
    /// There is nothing.
    Unknown,
    /// There is something, by other methods.
    Method(&'static str),
}

const READ: &str = "GET, HEAD";
const SEND: &str = "POST";
const BOTH: &str = "GET, HEAD, POST";

#[derive(Debug, Clone, Copy)]
struct Row {
    /// `*` is any segment, `**` at the end one or more; `{dashboard}` and `{datasource}` are those that are shown.
    path: &'static str,
    methods: &'static str,
    way: Way,
}

const fn page(path: &'static str) -> Row {
    Row { path, methods: READ, way: Way::Page }
}

const fn part(path: &'static str) -> Row {
    Row { path, methods: READ, way: Way::Part }
}

const fn ask(path: &'static str) -> Row {
    Row { path, methods: BOTH, way: Way::Ask }
}

/// Everything that is let through. `/api/live/ws` is not: Grafana Live is for what changes while it is looked at, and
/// panels ask again by themselves.
const TABLE: &[Row] = &[
    page("/d/{dashboard}"),
    page("/d/{dashboard}/*"),
    page("/d-solo/{dashboard}"),
    page("/d-solo/{dashboard}/*"),
    part("/public/**"),
    part("/avatar/*"),
    part("/api/dashboards/uid/{dashboard}"),
    // Grafana 12 reads dashboards and their folders here.
    part("/apis/dashboard.grafana.app/*/namespaces/*/dashboards/{dashboard}"),
    part("/apis/dashboard.grafana.app/*/namespaces/*/dashboards/{dashboard}/dto"),
    part("/apis/folder.grafana.app/*/namespaces/*/folders/*"),
    part("/api/folders/*"),
    part("/api/annotations"),
    part("/api/search"),
    part("/api/frontend/settings"),
    part("/api/login/ping"),
    part("/api/user"),
    part("/api/user/preferences"),
    part("/api/org"),
    part("/api/org/preferences"),
    part("/api/plugins/*/settings"),
    part("/api/prometheus/grafana/api/v1/rules"),
    part("/api/datasources/uid/{datasource}/resources/api/v1/label/*/values"),
    part("/api/datasources/uid/{datasource}/resources/api/v1/metadata"),
    part("/api/datasources/uid/{datasource}/resources/api/v1/status/buildinfo"),
    ask("/api/datasources/uid/{datasource}/resources/api/v1/labels"),
    ask("/api/datasources/uid/{datasource}/resources/api/v1/series"),
    ask("/api/datasources/uid/{datasource}/resources/api/v1/query"),
    ask("/api/datasources/uid/{datasource}/resources/api/v1/query_range"),
    Row { path: "/api/ds/query", methods: SEND, way: Way::Query },
];

/// What a request is, or why it goes no further.
///
/// # Errors
/// [`Closed`].
pub fn way(shown: &Shown, method: &Method, path: &str) -> Result<Way, Closed> {
    if !is_plain(path) {
        return Err(Closed::Odd);
    }
    let mut methods = None;
    for row in TABLE.iter().filter(|row| matches(row.path, path, shown)) {
        if row.methods.split(", ").any(|name| name == method.as_str()) {
            return Ok(row.way);
        }
        methods = Some(row.methods);
    }
    Err(methods.map_or(Closed::Unknown, Closed::Method))
}

/// Whether a path means what it says: ordinary characters, no empty segment, none that walks.
fn is_plain(path: &str) -> bool {
    let Some(rest) = path.strip_prefix('/') else { return false };
    let is_ordinary = |byte: u8| byte.is_ascii_alphanumeric() || b"-_~.:@+,=".contains(&byte);
    path.len() <= PATH_MAX
        && rest.split('/').all(|segment| {
            !segment.is_empty() && !segment.bytes().all(|byte| byte == b'.') && segment.bytes().all(is_ordinary)
        })
}

fn matches(pattern: &str, path: &str, shown: &Shown) -> bool {
    let (mut pattern, mut path) = (pattern.split('/'), path.split('/'));
    loop {
        match (pattern.next(), path.next()) {
            (None, None) => return true,
            (Some("**"), Some(_)) => return true,
            (Some(wanted), Some(segment)) => {
                let fits = match wanted {
                    "*" => true,
                    "{dashboard}" => shown.dashboards.iter().any(|uid| uid == segment),
                    "{datasource}" => shown.datasources.iter().any(|uid| uid == segment),
                    literal => literal == segment,
                };
                if !fits {
                    return false;
                }
            }
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown() -> Shown {
        Shown { dashboards: vec!["ours".to_owned()], datasources: vec!["source".to_owned()] }
    }

    fn sent(method: &str, path: &str) -> Result<Way, Closed> {
        way(&shown(), &method.parse().unwrap(), path)
    }

    /// A path for each row, with what it stands for.
    fn example(row: &Row) -> String {
        let path = row.path.replace("{dashboard}", "ours").replace("{datasource}", "source");
        path.replace("**", "build/app.1a2b.js").replace('*', "some")
    }

    #[test]
    fn each_row_is_reached_by_its_methods_and_no_others() {
        for row in TABLE {
            let path = example(row);
            for method in
                ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW", "get"]
            {
                let found = sent(method, &path);
                if row.methods.split(", ").any(|name| name == method) {
                    assert_eq!(found, Ok(row.way), "{method} {path}");
                } else {
                    assert_eq!(found, Err(Closed::Method(row.methods)), "{method} {path}");
                }
            }
        }
    }

    #[test]
    fn what_is_not_in_the_table_is_not_there() {
        for path in [
            "/login",
            "/logout",
            "/signup",
            "/admin",
            "/api/admin/settings",
            "/api/users",
            "/api/org/users",
            "/api/orgs",
            "/api/auth/keys",
            "/api/serviceaccounts/search",
            "/api/datasources",
            "/api/datasources/1",
            "/api/datasources/uid/source",
            "/api/datasources/proxy/1/api/v1/query",
            "/api/datasources/proxy/uid/source/api/v1/query",
            "/api/datasources/uid/other/resources/api/v1/labels",
            "/api/datasources/uid/source/resources/api/v1/targets",
            "/api/datasources/uid/source/resources/api/v1/label/a/b/values",
            "/api/dashboards/db",
            "/api/dashboards/uid/other",
            "/api/dashboards/uid/ours/permissions",
            "/api/snapshots",
            "/api/live/ws",
            "/api/live/publish",
            "/api/user/password",
            "/api/frontend-metrics",
            "/d/other",
            "/d/other/name",
            "/d/ours/name/more",
            "/d-solo/other",
            "/d",
            "/explore",
            "/public",
            "/apis/iam.grafana.app/v0alpha1/namespaces/default/users",
            "/metrics",
            "/api/health",
            "/render/d-solo/ours",
            "/api/ds",
            "/api/ds/query/history",
            "/goto/x",
            "/message-center/enter",
        ] {
            assert_eq!(sent("GET", path), Err(Closed::Unknown), "{path}");
            assert_eq!(sent("POST", path), Err(Closed::Unknown), "{path}");
        }
    }

    #[test]
    fn ways_around_are_refused_before_anybody_reads_them() {
        for path in [
            "/d/../api/admin/settings",
            "/d/ours/..",
            "/public/../api/users",
            "/public/build/../../api/users",
            "/public/./x",
            "/public/%2e%2e/api/users",
            "/public/%2E%2E/api/users",
            "/public/%252e%252e/api/users",
            "/public/..%2fapi%2fusers",
            "/public/..%5capi",
            "/public/..\\api",
            "/public//api/users",
            "//api/ds/query",
            "/public/",
            "/public/x/",
            "/d/ours/",
            "/public/.../x",
            "/public/..;/api",
            "/public/x;y",
            "/public/%00",
            "/public/%",
            "/api/ds/query%20",
            "/api%2fusers",
            "/d/ours%2f..%2f..%2fapi",
            "/d/ours\u{2215}x",
            "",
            "*",
            "d/ours",
            "/",
            "/public/a b",
            "/public/a?b",
            "/public/a#b",
        ] {
            for method in ["GET", "POST"] {
                assert_eq!(sent(method, path), Err(Closed::Odd), "{method} {path}");
            }
        }
        assert_eq!(sent("GET", &format!("/public/{}", "a".repeat(PATH_MAX))), Err(Closed::Odd));
    }

    proptest::proptest! {
        /// However it is put together: what is let through is a row, and written without a way up or an escape.
        #[test]
        fn what_is_let_through_leads_nowhere_else(
            segments in proptest::collection::vec(
                proptest::sample::select(vec![
                    "d", "ours", "public", "api", "ds", "query", "..", ".", "%2e%2e", "%2f", "%252e", "admin", "users", "",
                    "datasources", "uid", "source", "resources", "v1", "series", "\\", ";", "x", "apis",
                ]),
                0..9,
            ),
            method in proptest::sample::select(vec!["GET", "POST", "DELETE"]),
        ) {
            let path = format!("/{}", segments.join("/"));
            if sent(method, &path).is_ok() {
                let hidden = ["..", "%", "\\", "//", ";"].iter().any(|odd| path.contains(odd));
                proptest::prop_assert!(!hidden, "{path}");
                let names_a_page = path.starts_with("/public/") || path.starts_with("/d/ours/");
                proptest::prop_assert!(names_a_page || !path.contains("/admin"), "{path}");
                proptest::prop_assert!(TABLE.iter().any(|row| matches(row.path, &path, &shown())));
            }
        }
    }
}
