//! Against `smpp34`, an SMSC in Rust that shares no line with ours. `./x test` builds it and names it in `MC_SMPP34`;
//! without that variable the test passes by.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::Duration,
};

use smpp::{
    Bind, BindRole, Password, Session,
    session::{Answer, BindError, End, Event, SessionConfig, connect},
};
use tokio::time::timeout;

use crate::peer::submit;

const PATIENCE: Duration = Duration::from_secs(20);

struct Smpp34 {
    child: Child,
    port: u16,
}

impl Smpp34 {
    fn start() -> Option<Self> {
        let program = std::env::var_os("MC_SMPP34")?;
        let mut child = Command::new(program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Some(Self { child, port: line.trim().parse().unwrap() })
    }
}

impl Drop for Smpp34 {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn bind(port: u16, password: &str) -> Result<Session<tokio::net::TcpStream>, BindError> {
    let stream = connect("127.0.0.1", port, PATIENCE).await?;
    let bind = Bind {
        role: BindRole::Transceiver,
        system_id: "esme".to_owned(),
        password: Password::new(password),
        system_type: String::new(),
        address_range: smpp::BindRange::default(),
    };
    Session::bind(stream, &bind, SessionConfig::with_window(100)).await
}

#[tokio::test]
async fn it_understands_us_and_we_understand_it() {
    let Some(smsc) = Smpp34::start() else { return };
    assert_eq!(bind(smsc.port, "wrong").await.unwrap_err(), BindError::Refused(0x0E));
    let mut session = bind(smsc.port, "right").await.unwrap();
    let (mut events, mut token, mut ids) = (Vec::new(), 0, std::collections::HashSet::new());
    while ids.len() < 5_000 {
        while session.room() > 0 && token < 5_000 {
            session.submit(token, &submit(b"Hello")).unwrap();
            token += 1;
        }
        timeout(PATIENCE, session.drive(&mut events)).await.unwrap().unwrap();
        for event in events.drain(..) {
            let Event::Answer { answer: Answer::Accepted { message_id }, .. } = event else { panic!("{event:?}") };
            assert!(ids.insert(message_id), "an id came twice");
        }
    }
    session.begin_unbind(PATIENCE);
    let end = timeout(PATIENCE, async {
        loop {
            if let Err(end) = session.drive(&mut events).await {
                return end;
            }
        }
    });
    assert_eq!(end.await.unwrap(), End::Unbound);
}
