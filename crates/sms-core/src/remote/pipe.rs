//! Bodies of requests and responses that are written while they are sent, and frames within them.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming};
use serde::{Serialize, de::DeserializeOwned};
use tokio::sync::mpsc;

/// A frame that claims more is no frame of ours.
const FRAME_OCTETS_MAX: usize = 256 << 20;
/// Pieces that wait to be sent before the writer waits.
const PIECES: usize = 4;

/// A body that ends when the last sender is dropped.
#[derive(Debug)]
pub(super) struct Pipe(mpsc::Receiver<Bytes>);

/// The end to write to.
pub(super) type PipeSender = mpsc::Sender<Bytes>;

pub(super) fn pipe() -> (PipeSender, Pipe) {
    let (sender, receiver) = mpsc::channel(PIECES);
    (sender, Pipe(receiver))
}

impl Pipe {
    /// A body of one piece, or of none: an empty frame costs nothing to send, so the other end counts them and hangs up when
    /// there are many.
    pub fn of(octets: impl Into<Bytes>) -> Self {
        let (octets, (sender, pipe)) = (octets.into(), pipe());
        if !octets.is_empty() {
            // There is room for one.
            let _ = sender.try_send(octets);
        }
        pipe
    }
}

impl Body for Pipe {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(context).map(|octets| octets.map(|octets| Ok(Frame::data(octets))))
    }
}

/// What was received is not what this version of the API sends.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadError {
    #[error("the connection broke: {0}")]
    Broken(#[from] hyper::Error),
    #[error("a frame of {0} octets is too large")]
    TooLarge(usize),
    #[error("a frame cannot be read: {0}")]
    Malformed(#[from] rmp_serde::decode::Error),
    #[error("the stream ended in the middle of a frame")]
    Cut,
}

/// A value as a frame: its length in four octets, then MessagePack.
pub(super) fn frame(value: &impl Serialize) -> Result<Bytes, rmp_serde::encode::Error> {
    let mut octets = BytesMut::with_capacity(256);
    octets.put_u32(0);
    let mut writer = octets.writer();
    rmp_serde::encode::write(&mut writer, value)?;
    let mut octets = writer.into_inner();
    let length = u32::try_from(octets.len() - 4).unwrap_or(u32::MAX);
    octets[..4].copy_from_slice(&length.to_be_bytes());
    Ok(octets.freeze())
}

/// Takes frames out of a body.
#[derive(Debug)]
pub(super) struct Frames {
    body: Incoming,
    input: BytesMut,
}

impl Frames {
    pub fn new(body: Incoming) -> Self {
        Self { body, input: BytesMut::new() }
    }

    /// The next one; None at the end. May be dropped and called again.
    pub async fn next<T: DeserializeOwned>(&mut self) -> Result<Option<T>, ReadError> {
        loop {
            if let Some(length) = self.input.first_chunk::<4>().map(|length| u32::from_be_bytes(*length) as usize) {
                if length > FRAME_OCTETS_MAX {
                    return Err(ReadError::TooLarge(length));
                }
                if self.input.len() >= 4 + length {
                    let value = rmp_serde::from_slice(&self.input[4..4 + length])?;
                    self.input.advance(4 + length);
                    return Ok(Some(value));
                }
            }
            match self.body.frame().await {
                Some(piece) => {
                    if let Ok(octets) = piece?.into_data() {
                        self.input.extend_from_slice(&octets);
                    }
                }
                None if self.input.is_empty() => return Ok(None),
                None => return Err(ReadError::Cut),
            }
        }
    }
}

/// Reads a body that is small.
pub(super) async fn whole(body: Incoming) -> Result<Bytes, hyper::Error> {
    Ok(body.collect().await?.to_bytes())
}
