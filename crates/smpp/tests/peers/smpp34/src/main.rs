//! An SMSC on `smpp34`. Accepts everybody with the password `right` and every message; prints its port, and ends when its
//! standard input does.

use std::{
    net::{IpAddr, Ipv4Addr, TcpListener},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use smpp34::{
    SmppConnectionInformation, SmppError, SmppServer, SmppServerListener, bind_transceiver, bind_transceiver_resp,
    submit_sm, submit_sm_resp,
};
use tokio::io::AsyncReadExt;

#[derive(Default)]
struct Smsc {
    accepted: AtomicU64,
}

#[async_trait]
impl SmppServerListener for Smsc {
    async fn on_bind_transceiver(
        &self,
        request: bind_transceiver,
        _: &SmppConnectionInformation,
        _: &String,
    ) -> bind_transceiver_resp {
        if request.password == "right" {
            request.accept("SMPP34".to_owned(), Some(0x34))
        } else {
            request.reject(SmppError::ESME_RINVPASWD)
        }
    }

    async fn on_submit_sm(&self, request: submit_sm, _: &SmppConnectionInformation, _: &String) -> submit_sm_resp {
        let id = self.accepted.fetch_add(1, Ordering::Relaxed);
        request.accept(id.to_string())
    }
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    // It takes no port 0: a free one is found for it.
    let free = TcpListener::bind("127.0.0.1:0")?;
    let port = free.local_addr()?.port();
    drop(free);
    let mut server = SmppServer::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port, Arc::new(Smsc::default()));
    server.start().await;
    println!("{port}");
    let mut rest = Vec::new();
    tokio::io::stdin().read_to_end(&mut rest).await?;
    Ok(())
}
