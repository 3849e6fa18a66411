//! A row of the access table called in one way: the request, and what it is about.

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use server::access::{ACCESS, Access, By};

use crate::{
    server::Server,
    subject::{
        Names, Stage,
        Subject::{self, Campaign},
    },
};

/// A request with placeholders, which stand for what its subject is called.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// [`Access::name`] of its row.
    pub row: &'static str,
    pub about: Subject,
    /// A form; JSON when it begins with a brace, and a file when it begins with `+`.
    body: &'static str,
    headers: &'static [(&'static str, &'static str)],
    /// What stands behind the path of a request that is asked by its address.
    query: &'static str,
    /// What tells it from other cases of its row.
    pub note: &'static str,
    /// It is about something that the actor made, and not about the author's.
    pub own: bool,
    /// The session is over afterwards.
    pub ends_session: bool,
    /// A super admin reads across tenants with it.
    pub across: bool,
}

pub const fn case(row: &'static str, about: Subject, body: &'static str) -> Case {
    Case { row, about, body, headers: &[], query: "", note: "", own: false, ends_session: false, across: false }
}

pub const fn campaign(row: &'static str, stage: Stage) -> Case {
    case(row, Campaign(stage), "slug={slug}&id={id}")
}

impl Case {
    pub const fn own(self) -> Self {
        Self { own: true, note: "what they made", ..self }
    }

    pub const fn note(self, note: &'static str) -> Self {
        Self { note, ..self }
    }

    pub const fn headers(self, headers: &'static [(&'static str, &'static str)]) -> Self {
        Self { headers, ..self }
    }

    pub const fn query(self, query: &'static str) -> Self {
        Self { query, ..self }
    }

    pub const fn across(self) -> Self {
        Self { across: true, ..self }
    }

    pub const fn ends_session(self) -> Self {
        Self { ends_session: true, ..self }
    }

    pub fn row(&self) -> &'static Access {
        ACCESS.iter().find(|row| row.name() == self.row).unwrap_or_else(|| panic!("no row is called {}", self.row))
    }

    /// Whether the request names this kind of thing.
    pub fn names(&self, key: &str) -> bool {
        let placeholder = format!("{{{key}}}");
        let in_headers = self.headers.iter().any(|(_, value)| value.contains(&placeholder));
        in_headers || self.row().path.contains(&placeholder) || self.body.contains(&placeholder)
    }

    /// The request as a browser sends it, by a script or, for a page, by a click.
    pub fn request(&self, names: &Names, token: Option<&str>) -> Request<Body> {
        let row = self.row();
        let accept = if matches!(row.by, By::Page) { "text/html" } else { "application/json" };
        let mut request = Request::builder()
            .method(row.method.clone())
            .uri(if self.query.is_empty() {
                names.fill(row.path)
            } else {
                format!("{}?{}", names.fill(row.path), self.query)
            })
            .header("sec-fetch-site", "same-origin")
            .header(header::ACCEPT, accept);
        if let Some(token) = token {
            request = request.header(header::COOKIE, Server::cookie(token));
        }
        if row.method != Method::GET {
            let kind = match self.body.as_bytes().first() {
                Some(b'{') => "application/json",
                Some(b'-') => "multipart/form-data; boundary=cut",
                Some(b'+') => "application/octet-stream",
                _ => "application/x-www-form-urlencoded",
            };
            request = request.header(header::CONTENT_TYPE, kind);
        }
        for (name, value) in self.headers {
            request = request.header(*name, names.fill(value));
        }
        request.body(Body::from(names.fill(self.body))).unwrap()
    }
}
