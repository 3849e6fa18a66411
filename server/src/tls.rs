//! TLS of the web server itself, for an installation without a proxy in front of it.
//!
//! Certificate and key are PEM files. They are read again on SIGHUP, as tools that renew certificates send it; what
//! cannot be used is said in the log, and the server goes on with what it has.

use std::{
    io,
    path::{Path, PathBuf},
};

use axum_server::tls_rustls::RustlsConfig;

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot serve TLS with {} and {}", certificate.display(), key.display())]
pub struct TlsError {
    certificate: PathBuf,
    key: PathBuf,
    source: io::Error,
}

/// The certificate in use; connections that are open keep theirs when it is replaced.
#[derive(Debug, Clone)]
pub struct Certificate {
    certificate: PathBuf,
    key: PathBuf,
    config: RustlsConfig,
}

impl Certificate {
    /// Reads a chain of certificates, the server's own first, and its key.
    pub async fn read(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        // Fails when it is chosen already, by an earlier server of this process: it is the same one.
        let _chosen = rustls::crypto::ring::default_provider().install_default();
        let config = RustlsConfig::from_pem_file(certificate, key).await.map_err(|source| TlsError {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            source,
        })?;
        Ok(Self { certificate: certificate.to_owned(), key: key.to_owned(), config })
    }

    /// Reads the files again. On an error the certificate stays that it was.
    pub async fn reload(&self) -> Result<(), TlsError> {
        self.config.reload_from_pem_file(&self.certificate, &self.key).await.map_err(|source| TlsError {
            certificate: self.certificate.clone(),
            key: self.key.clone(),
            source,
        })
    }

    #[must_use]
    pub fn config(&self) -> RustlsConfig {
        self.config.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        io::{Read, Write},
        net::{SocketAddr, TcpStream},
        sync::Arc,
    };

    use axum::{Router, routing::get};
    use rustls::{
        ClientConfig, ClientConnection, RootCertStore, StreamOwned,
        pki_types::{CertificateDer, ServerName, pem::PemObject},
    };

    use super::*;

    /// Two certificates for `localhost`, each its own authority, valid until 2126.
    const FIRST: (&str, &str) = (include_str!("../tests/tls/first.crt"), include_str!("../tests/tls/first.key"));
    const SECOND: (&str, &str) = (include_str!("../tests/tls/second.crt"), include_str!("../tests/tls/second.key"));

    /// Asks for a page and trusts one certificate only.
    fn ask(address: SocketAddr, trusted: &str) -> io::Result<String> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(trusted.as_bytes()).unwrap()).unwrap();
        let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        let connection = ClientConnection::new(Arc::new(config), ServerName::try_from("localhost").unwrap()).unwrap();
        let mut stream = StreamOwned::new(connection, TcpStream::connect(address)?);
        stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }

    async fn answers(address: SocketAddr, trusted: &'static str) -> bool {
        let answer = tokio::task::spawn_blocking(move || ask(address, trusted)).await.unwrap();
        answer.is_ok_and(|text| text.ends_with("here"))
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_renewed_certificate_is_taken_and_a_broken_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let (certificate, key) = (folder.path().join("tls.crt"), folder.path().join("tls.key"));
        let write = |(crt, private): (&str, &str)| {
            fs::write(&certificate, crt).unwrap();
            fs::write(&key, private).unwrap();
        };
        write(FIRST);
        let tls = Certificate::read(&certificate, &key).await.unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let page = Router::new().route("/", get(async || "here"));
        let server = axum_server::from_tcp_rustls(listener, tls.config()).unwrap().serve(page.into_make_service());
        let server = tokio::spawn(server);
        assert!(answers(address, FIRST.0).await);
        assert!(!answers(address, SECOND.0).await, "only the certificate itself is trusted");

        write(SECOND);
        tls.reload().await.unwrap();
        assert!(answers(address, SECOND.0).await);

        fs::write(&certificate, "half a file").unwrap();
        let refusal = tls.reload().await.unwrap_err();
        assert!(refusal.to_string().contains("tls.crt"), "{refusal}");
        write((FIRST.0, SECOND.1));
        assert!(tls.reload().await.is_err(), "a key of another certificate");
        assert!(answers(address, SECOND.0).await, "the one that worked is still in use");
        server.abort();
    }
}
