//! Requests to the server under test, each on a connection of its own: it may be gone before the next one.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

const TIMEOUT: Duration = Duration::from_secs(20);

/// What the server said.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub text: String,
}

impl Answer {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let (head, _) = self.text.split_once("\r\n\r\n")?;
        head.lines().find_map(|line| {
            let (known, value) = line.split_once(':')?;
            known.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// What stands behind a field's name in a JSON body, up to the next comma or the end of its object.
    pub fn field(&self, name: &str) -> Option<&str> {
        let (_, body) = self.text.split_once("\r\n\r\n")?;
        let (_, rest) = body.split_once(&format!("\"{name}\":"))?;
        Some(rest.split([',', '}']).next().unwrap_or_default().trim_matches('"'))
    }
}

/// None: there was no answer.
pub fn ask(address: SocketAddr, line: &str, headers: &[(&str, &str)], body: &[u8]) -> Option<Answer> {
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT).ok()?;
    stream.set_read_timeout(Some(TIMEOUT)).ok()?;
    stream.set_write_timeout(Some(TIMEOUT)).ok()?;
    let mut head =
        format!("{line} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let text = String::from_utf8_lossy(&answer).into_owned();
    let status = text.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()?;
    Some(Answer { status, text })
}

/// A program with an API key.
#[derive(Debug, Clone)]
pub struct Program {
    pub secret: String,
}

impl Program {
    /// `POST`, JSON, under a key by which it may be repeated.
    pub fn post(&self, address: SocketAddr, path: &str, idempotency_key: &str, body: &str) -> Option<Answer> {
        let bearer = format!("Bearer {}", self.secret);
        let headers = [
            ("authorization", bearer.as_str()),
            ("idempotency-key", idempotency_key),
            ("content-type", "application/json"),
        ];
        ask(address, &format!("POST {path}"), &headers, body.as_bytes())
    }

    pub fn get(&self, address: SocketAddr, path: &str) -> Option<Answer> {
        let bearer = format!("Bearer {}", self.secret);
        ask(address, &format!("GET {path}"), &[("authorization", &bearer)], b"")
    }

    /// A part of a file: `range` as in `Content-Range`.
    pub fn put(&self, address: SocketAddr, path: &str, range: &str, body: &[u8]) -> Option<Answer> {
        let bearer = format!("Bearer {}", self.secret);
        ask(address, &format!("PUT {path}"), &[("authorization", &bearer), ("content-range", range)], body)
    }
}

/// A person in a browser without scripts.
#[derive(Debug, Default)]
pub struct Browser {
    cookie: Option<String>,
}

impl Browser {
    /// Signs in, once.
    pub fn sign_in(&mut self, address: SocketAddr, email: &str, password: &str) -> bool {
        if self.cookie.is_some() {
            return true;
        }
        let form = format!("email={email}&password={}", password.replace(' ', "+"));
        let answer = self.send(address, "account/sign_in", &form);
        let cookie = answer.as_ref().and_then(|answer| answer.header("set-cookie"));
        self.cookie = cookie.and_then(|cookie| cookie.split(';').next()).map(str::to_owned);
        self.cookie.is_some()
    }

    /// Sends the form of a server function.
    pub fn send(&self, address: SocketAddr, function: &str, form: &str) -> Option<Answer> {
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("accept", "text/html"),
            ("sec-fetch-site", "same-origin"),
            ("cookie", self.cookie.as_deref().unwrap_or_default()),
        ];
        ask(address, &format!("POST /api/app/api/{function}"), &headers, form.as_bytes())
    }
}
