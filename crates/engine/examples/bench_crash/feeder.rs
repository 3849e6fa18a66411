//! The program that hands in the numbers of a Trigger campaign while the server is killed. Each batch has an
//! Idempotency-Key and is repeated until it is answered with 202: in the end every number is there once, or the bench says
//! so.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    thread::sleep,
    time::Duration,
};

use crate::{
    Failure,
    prepare::Access,
    recipients::{name, number},
};

/// Numbers of one request.
const BATCH: u32 = 100;
const TIMEOUT: Duration = Duration::from_secs(10);
/// Between attempts while there is no server.
const AGAIN: Duration = Duration::from_millis(20);
/// What a 429 asks for.
const SLOWER: Duration = Duration::from_secs(1);

pub struct Feeder(Arc<Feeding>);

struct Feeding {
    access: Access,
    messages: u32,
    /// Where the server is; None: there is none.
    address: Mutex<Option<SocketAddr>>,
    fed: AtomicU32,
    /// Why it gave up.
    failure: Mutex<Option<String>>,
    stop: AtomicBool,
}

impl Feeder {
    /// Begins once there is a server.
    pub fn start(access: Access, messages: u32) -> Self {
        let feeding = Arc::new(Feeding {
            access,
            messages,
            address: Mutex::default(),
            fed: AtomicU32::default(),
            failure: Mutex::default(),
            stop: AtomicBool::default(),
        });
        let feeder = Self(Arc::clone(&feeding));
        std::thread::spawn(move || feeding.feed());
        feeder
    }

    pub fn server_is_at(&self, address: Option<SocketAddr>) {
        *self.0.address.lock().unwrap_or_else(PoisonError::into_inner) = address;
    }

    /// Whether every number was accepted.
    pub fn is_done(&self) -> Result<bool, Failure> {
        if let Some(failure) = &*self.0.failure.lock().unwrap_or_else(PoisonError::into_inner) {
            return Err(failure.clone().into());
        }
        Ok(self.0.fed.load(Ordering::Acquire) >= self.0.messages)
    }

    /// The campaign takes no more numbers.
    pub fn finish(&self) -> Result<(), Failure> {
        match self.0.post("finish", "finish", "{}") {
            Some(200) => Ok(()),
            other => Err(format!("the campaign cannot be finished: {other:?}").into()),
        }
    }
}

impl Feeding {
    fn feed(&self) {
        let mut first = 0;
        while first < self.messages && !self.stop.load(Ordering::Relaxed) {
            let last = (first + BATCH).min(self.messages);
            match self.post("numbers", &format!("batch-{first}"), &batch(first..last)) {
                Some(202) => {
                    first = last;
                    self.fed.store(first, Ordering::Release);
                }
                Some(429) => sleep(SLOWER),
                // Not Sending yet, or the same request is still being answered; and what passes.
                None | Some(409 | 500..) => sleep(AGAIN),
                Some(other) => {
                    let failure = format!("numbers from {first} on were answered with {other}");
                    *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure);
                    return;
                }
            }
        }
    }

    /// The status of the answer; None: there was none.
    fn post(&self, what: &str, idempotency_key: &str, body: &str) -> Option<u16> {
        let address = (*self.address.lock().unwrap_or_else(PoisonError::into_inner))?;
        let Access { campaign, secret } = &self.access;
        let mut stream = TcpStream::connect_timeout(&address, TIMEOUT).ok()?;
        stream.set_read_timeout(Some(TIMEOUT)).ok()?;
        let head = format!(
            "POST /api/v1/campaigns/{campaign}/{what} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\
             authorization: Bearer {}\r\nidempotency-key: {idempotency_key}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n",
            secret.reveal(),
            body.len()
        );
        stream.write_all(format!("{head}{body}").as_bytes()).ok()?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).ok()?;
        let text = String::from_utf8_lossy(&answer);
        text.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()
    }
}

impl Drop for Feeder {
    fn drop(&mut self) {
        self.0.stop.store(true, Ordering::Relaxed);
    }
}

fn batch(indices: std::ops::Range<u32>) -> String {
    let one = |index: u32| {
        let index = u64::from(index);
        format!(r#"{{"number":"+{}","fields":{{"name":"{}"}}}}"#, number(index), name(index))
    };
    let numbers: Vec<String> = indices.map(one).collect();
    format!(r#"{{"numbers":[{}]}}"#, numbers.join(","))
}
