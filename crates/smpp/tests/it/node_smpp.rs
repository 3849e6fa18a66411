//! Against node-smpp, an SMSC that shares no line with ours. `./x test` installs it and sets `MC_NODE_SMPP`;
//! without that variable the test passes by when node or the package is not there.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc,
    time::Duration,
};

use smpp::{
    Bind, BindRole, Password, Session,
    session::{Answer, BindError, End, Event, Incoming, SessionConfig, connect},
    wire::{Destination, SubmitSm},
};
use tokio::time::timeout;

use crate::peer::submit;

const PATIENCE: Duration = Duration::from_secs(20);

struct NodeSmsc {
    child: Child,
    lines: mpsc::Receiver<String>,
    port: u16,
}

impl NodeSmsc {
    fn start() -> Option<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/node-smpp");
        let required = std::env::var_os("MC_NODE_SMPP").is_some();
        let installed = folder.join("node_modules/smpp").is_dir();
        assert!(installed || !required, "node-smpp is not installed: run npm ci in {}", folder.display());
        if !installed {
            return None;
        }
        let spawned = Command::new("node")
            .arg("smsc.js")
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let mut child = match spawned {
            Ok(child) => child,
            Err(error) => {
                assert!(!required, "node does not start: {error}");
                return None;
            }
        };
        let stdout = child.stdout.take().unwrap();
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        let first = lines.recv_timeout(PATIENCE).unwrap();
        let port = first.rsplit(':').next().unwrap().trim_end_matches('}').parse().unwrap();
        Some(Self { child, lines, port })
    }

    /// Waits for a line that has all of these in it.
    fn said(&self, pieces: &[&str]) -> String {
        loop {
            let line = self.lines.recv_timeout(PATIENCE).unwrap();
            assert!(!line.contains(r#""event":"error""#), "{line}");
            if pieces.iter().all(|piece| line.contains(piece)) {
                return line;
            }
        }
    }
}

impl Drop for NodeSmsc {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn bind(password: &str) -> Bind {
    Bind {
        role: BindRole::Transceiver,
        system_id: "esme".to_owned(),
        password: Password::new(password),
        system_type: String::new(),
    }
}

fn to(number: u64) -> SubmitSm<'static> {
    SubmitSm { destination: Destination::Number(number), ..submit(b"Hello node") }
}

#[tokio::test]
async fn it_understands_us_and_we_understand_it() {
    let Some(smsc) = NodeSmsc::start() else { return };
    let stream = connect("127.0.0.1", smsc.port, PATIENCE).await.unwrap();
    let refused = Session::bind(stream, &bind("wrong"), SessionConfig::with_window(10)).await;
    assert_eq!(refused.unwrap_err(), BindError::Refused(0x0E));

    let stream = connect("127.0.0.1", smsc.port, PATIENCE).await.unwrap();
    let mut session = Session::bind(stream, &bind("right"), SessionConfig::with_window(10)).await.unwrap();
    session.submit(1, &to(436_601_000_001)).unwrap();
    session.submit(7, &to(436_601_000_007)).unwrap();
    session.submit(8, &to(436_601_000_008)).unwrap();
    session.submit(9, &to(436_601_000_009)).unwrap();
    let wide = SubmitSm { data_coding: 8, content: &[0x26, 0x03], ..to(436_601_000_002) };
    session.submit(2, &wide).unwrap();
    let part = SubmitSm { esm_class: 0x40, header: &[5, 0, 3, 200, 2, 1], ..to(436_601_000_003) };
    session.submit(3, &part).unwrap();

    let mut events = Vec::new();
    let (mut answered, mut receipted) = (Vec::new(), Vec::new());
    while answered.len() < 6 || receipted.len() < 4 {
        timeout(PATIENCE, session.drive(&mut events)).await.unwrap().unwrap();
        for event in events.drain(..) {
            match event {
                Event::Answer { token, answer } => answered.push((token, answer)),
                Event::Deliver(deliver) => {
                    session.acknowledge(deliver.sequence, 0);
                    let Incoming::Receipt { receipt, .. } = deliver.incoming else { panic!("no receipt") };
                    receipted.push((receipt.message_id, answered.len()));
                }
            }
        }
    }
    let answer = |token| answered.iter().find(|(of, _)| *of == token).map(|(_, answer)| answer.clone()).unwrap();
    assert_eq!(answer(7), Answer::Refused { command_status: 0x0B });
    assert_eq!(answer(8), Answer::Refused { command_status: 0x58 });
    for token in [1, 2, 3, 9] {
        let Answer::Accepted { message_id } = answer(token) else { panic!("{token} was not accepted") };
        assert!(receipted.iter().any(|(receipted, _)| *receipted == message_id), "no receipt for {token}");
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

    smsc.said(&[r#""to":"436601000001""#, r#""from":"Brand""#, r#""text":"Hello node""#]);
    smsc.said(&[r#""to":"436601000002""#, r#""data_coding":8"#, "\"text\":\"\u{2603}\""]);
    smsc.said(&[r#""to":"436601000003""#, r#""esm_class":64"#, "200,2,1"]);
    smsc.said(&[r#""event":"unbind""#]);
}
