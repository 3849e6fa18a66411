//! A connection to a carrier, in plain text or within TLS.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, timeout_at},
};
use tokio_rustls::client::TlsStream;

use super::{BindError, connect};
use crate::tls::Connector;

/// What a session runs over.
///
/// With TLS "written" means taken by the TLS layer: a submit that it holds when the connection breaks counts as one that
/// the carrier may have, which errs on the safe side.
#[derive(Debug)]
pub enum Transport {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Transport {
    /// Connects, and speaks TLS when there is a connector.
    ///
    /// # Errors
    /// [`BindError::Unreachable`] with the reason, also when all of it takes longer than `limit`.
    pub async fn open(host: &str, port: u16, tls: Option<&Connector>, limit: Duration) -> Result<Self, BindError> {
        let by = Instant::now() + limit;
        let stream = connect(host, port, limit).await?;
        let Some(connector) = tls else { return Ok(Self::Plain(stream)) };
        match timeout_at(by, connector.secure(stream)).await {
            Ok(Ok(stream)) => Ok(Self::Tls(Box::new(stream))),
            Ok(Err(error)) => Err(BindError::Unreachable(format!("TLS failed: {error}"))),
            Err(_) => Err(BindError::Unreachable(format!("TLS: no answer in {} s", limit.as_secs()))),
        }
    }
}

impl AsyncRead for Transport {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Transport {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(context, octets),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_write(context, octets),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(context),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_shutdown(context),
        }
    }
}
