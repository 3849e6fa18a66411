//! An SMSC that does what a test tells it, at the other end of an in-memory pipe.

use smpp::{
    Bind, BindRole, Password, Session,
    session::{BindError, Deliver, Event, SessionConfig},
    wire::{self, Destination, Header, SubmitSm, command},
};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

/// The pipe holds this much before a writer waits.
const PIPE_OCTETS: usize = 64 * 1024;

pub struct Peer {
    stream: DuplexStream,
}

pub fn credentials() -> Bind {
    Bind {
        role: BindRole::Transceiver,
        system_id: "esme".to_owned(),
        password: Password::new("longer than eight"),
        system_type: String::new(),
        address_range: smpp::BindRange::default(),
    }
}

pub const fn submit<'a>(content: &'a [u8]) -> SubmitSm<'a> {
    SubmitSm {
        source_ton: 5,
        source_npi: 0,
        source: b"Brand",
        destination_ton: 1,
        destination_npi: 1,
        destination: Destination::Number(436_601_234_567),
        esm_class: 0,
        validity_period: b"",
        registered_delivery: 1,
        data_coding: 0,
        header: &[],
        content,
        tlvs: &[],
    }
}

/// A session that is bound to a peer.
pub async fn bound(config: SessionConfig) -> (Session<DuplexStream>, Peer) {
    bound_through(PIPE_OCTETS, config).await
}

/// As [`bound`], over a pipe that holds no more than so many octets.
pub async fn bound_through(pipe_octets: usize, config: SessionConfig) -> (Session<DuplexStream>, Peer) {
    let (ours, theirs) = tokio::io::duplex(pipe_octets);
    let mut peer = Peer { stream: theirs };
    let credentials = credentials();
    let (session, ()) = tokio::join!(Session::bind(ours, &credentials, config), async {
        let (header, _) = peer.read().await;
        assert_eq!(header.command_id, command::BIND_TRANSCEIVER);
        peer.send(command::BIND_TRANSCEIVER | command::RESPONSE, 0, header.sequence, b"SMSC\0").await;
    });
    (session.unwrap(), peer)
}

/// Binds while the peer does what `answer` does.
pub async fn bind_with(config: SessionConfig, answer: impl AsyncFnOnce(Peer)) -> Result<(), BindError> {
    let (ours, theirs) = tokio::io::duplex(PIPE_OCTETS);
    let credentials = credentials();
    let (session, ()) = tokio::join!(Session::bind(ours, &credentials, config), answer(Peer { stream: theirs }));
    session.map(|_| ())
}

impl Peer {
    pub async fn read(&mut self) -> (Header, Vec<u8>) {
        let mut pdu = vec![0; 4];
        self.stream.read_exact(&mut pdu).await.unwrap();
        let length = u32::from_be_bytes(pdu[..4].try_into().unwrap());
        pdu.resize(length as usize, 0);
        self.stream.read_exact(&mut pdu[4..]).await.unwrap();
        let frame = wire::next_frame(&pdu, u32::MAX).unwrap().unwrap();
        (frame.header, frame.body.to_vec())
    }

    pub async fn send(&mut self, command_id: u32, command_status: u32, sequence: u32, body: &[u8]) {
        self.send_raw(&pdu(command_id, command_status, sequence, body)).await;
    }

    pub async fn send_raw(&mut self, octets: &[u8]) {
        self.stream.write_all(octets).await.unwrap();
    }
}

pub fn pdu(command_id: u32, command_status: u32, sequence: u32, body: &[u8]) -> Vec<u8> {
    let mut pdu = (body.len() as u32 + 16).to_be_bytes().to_vec();
    for word in [command_id, command_status, sequence] {
        pdu.extend(word.to_be_bytes());
    }
    pdu.extend(body);
    pdu
}

/// The body of a deliver_sm.
pub fn deliver_body(esm_class: u8, content: &[u8], tlvs: &[u8]) -> Vec<u8> {
    let mut body = b"\0\x01\x01436601234567\0\x05\x00Brand\0".to_vec();
    body.extend([esm_class, 0, 0, 0, 0, 0, 0, 0, 0, content.len() as u8]);
    body.extend(content);
    body.extend(tlvs);
    body
}

pub fn delivers(events: &[Event]) -> Vec<&Deliver> {
    let mut delivers = Vec::new();
    for event in events {
        if let Event::Deliver(deliver) = event {
            delivers.push(deliver);
        }
    }
    delivers
}
