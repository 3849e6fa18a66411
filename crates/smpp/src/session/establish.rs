//! Connecting and binding.

use std::time::Duration;

use bytes::{Buf, BytesMut};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, sleep_until, timeout},
};

use super::{
    BindError, Phase, Session, SessionConfig,
    window::{Sequence, Window},
};
use crate::{
    bind::Bind,
    status::code,
    wire::{self, command},
};

/// Opens a connection for a session.
///
/// # Errors
/// [`BindError::Unreachable`] with the reason, also when it takes longer than `limit`.
pub async fn connect(host: &str, port: u16, limit: Duration) -> Result<TcpStream, BindError> {
    let stream = match timeout(limit, TcpStream::connect((host, port))).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return Err(BindError::Unreachable(error.to_string())),
        Err(_) => return Err(BindError::Unreachable(format!("no answer in {} s", limit.as_secs()))),
    };
    // Batching is ours; what is written is meant to go.
    stream.set_nodelay(true).map_err(|error| BindError::Unreachable(error.to_string()))?;
    Ok(stream)
}

impl<T: AsyncRead + AsyncWrite + Unpin> Session<T> {
    /// Binds on an open stream.
    ///
    /// # Errors
    /// [`BindError`] in all its variants but `Unreachable`.
    pub async fn bind(mut transport: T, bind: &Bind, config: SessionConfig) -> Result<Self, BindError> {
        let mut sequence = Sequence::starting_at(config.first_sequence);
        let mut input = BytesMut::new();
        let handshake = handshake(&mut transport, bind, &config, sequence.next(), &mut input);
        timeout(config.bind_timeout, handshake).await.map_err(|_| BindError::TimedOut)??;
        let now = Instant::now();
        let mut session = Self {
            transport,
            window: Window::new(config.window),
            input: BytesMut::new(),
            output: BytesMut::new(),
            written_octets: 0,
            sequence,
            phase: Phase::Bound,
            enquiry: None,
            last_heard: now,
            timer: Box::pin(sleep_until(now + config.enquire_link_interval)),
            early: Vec::new(),
            config,
        };
        // Receipts may follow the bind_resp in the same segment.
        session.input = input;
        let mut early = Vec::new();
        if let Err(end) = session.take_frames(now, &mut early) {
            session.phase = Phase::Ended(end);
        }
        session.early = early;
        Ok(session)
    }
}

/// Sends the bind and reads up to its response; what follows stays in `input`.
async fn handshake<T: AsyncRead + AsyncWrite + Unpin>(
    transport: &mut T,
    bind: &Bind,
    config: &SessionConfig,
    sequence: u32,
    input: &mut BytesMut,
) -> Result<(), BindError> {
    let mut output = BytesMut::new();
    wire::bind(&mut output, sequence, bind);
    loop {
        if !output.is_empty() {
            transport.write_all(&output).await.map_err(|_| BindError::Closed)?;
            transport.flush().await.map_err(|_| BindError::Closed)?;
            output.clear();
        }
        while let Some(frame) = wire::next_frame(input, config.max_command_length).map_err(BindError::Unframed)? {
            let header = frame.header;
            let octets = frame.octets();
            input.advance(octets);
            let response = bind.role.command_id() | command::RESPONSE;
            match (header.command_id, header.command_status) {
                (id, code::OK) if id == response => return Ok(()),
                (id, command_status) if id == response || id == command::GENERIC_NACK => {
                    return Err(BindError::Refused(command_status));
                }
                (command::ENQUIRE_LINK, _) => {
                    wire::header_only(&mut output, command::ENQUIRE_LINK_RESP, code::OK, header.sequence);
                }
                _ => (),
            }
        }
        if output.is_empty() && transport.read_buf(input).await.map_err(|_| BindError::Closed)? == 0 {
            return Err(BindError::Closed);
        }
    }
}
