//! The programs that hand in numbers: an even rate, whatever the answers take, over connections that are kept alive.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{Failure, smsc::FIRST_NUMBER};

pub struct Load {
    pub address: SocketAddr,
    pub path: String,
    pub secret: String,
    pub requests: u32,
    /// Per second.
    pub rate: u32,
    pub connections: usize,
}

/// What became of one request.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// When it was to be sent: a request that had to wait for its connection counts from here.
    pub due: Instant,
    /// When its 202 was read.
    pub accepted: Option<Instant>,
}

impl Load {
    /// On a thread of its own, so that it waits for nothing of the server's.
    pub fn run(self) -> Result<Vec<Asked>, Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async move {
            let start = Instant::now() + Duration::from_millis(100);
            let mut tasks = tokio::task::JoinSet::new();
            for first in 0..self.connections.min(self.requests as usize) {
                let (path, secret) = (self.path.clone(), self.secret.clone());
                let (address, requests, rate, step) = (self.address, self.requests, self.rate, self.connections);
                tasks.spawn(async move {
                    let mut stream = TcpStream::connect(address).await?;
                    stream.set_nodelay(true)?;
                    let mut asked = Vec::new();
                    for request in (first as u32..requests).step_by(step) {
                        let due = start + Duration::from_secs_f64(f64::from(request) / f64::from(rate));
                        tokio::time::sleep_until(due.into()).await;
                        let accepted = ask(&mut stream, &path, &secret, request).await?;
                        asked.push((request, Asked { due, accepted: accepted.then(Instant::now) }));
                    }
                    Ok::<_, Failure>(asked)
                });
            }
            let mut all = Vec::new();
            while let Some(asked) = tasks.join_next().await {
                all.extend(asked??);
            }
            all.sort_unstable_by_key(|(request, _)| *request);
            Ok(all.into_iter().map(|(_, asked)| asked).collect())
        })
    }
}

/// One request and its answer; whether it was 202.
async fn ask(stream: &mut TcpStream, path: &str, secret: &str, request: u32) -> Result<bool, Failure> {
    let number = FIRST_NUMBER + u64::from(request);
    let body = format!(
        r#"{{"number":"+{number}","text":"Your code is {:06}","reference":"r-{request}"}}"#,
        request % 1_000_000
    );
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {secret}\r\nidempotency-key: bench-{request}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(format!("{head}{body}").as_bytes()).await?;
    let mut answer = Vec::with_capacity(1_024);
    loop {
        if stream.read_buf(&mut answer).await? == 0 {
            return Err("the server has closed a connection".into());
        }
        let Some(end) = answer.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = std::str::from_utf8(&answer[..end])?.to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
        let length: usize = length.ok_or("an answer without a length")?.trim().parse()?;
        if answer.len() >= end + 4 + length {
            let accepted = head.starts_with("http/1.1 202");
            if !accepted && request.is_multiple_of(1_000) {
                eprintln!("{}", String::from_utf8_lossy(&answer));
            }
            return Ok(accepted);
        }
    }
}
