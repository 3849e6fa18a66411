//! The conversation with the mail server (SMTP, RFC 5321).

use std::{fs, time::Duration};

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Tokio1Executor,
    message::Mailbox,
    transport::smtp::{
        Error as SmtpError,
        authentication::Credentials,
        client::{Certificate, Tls, TlsParameters},
    },
};
use store::notices::{Failure, Letter};

use super::{
    compose::{self, Recipient},
    text,
};
use crate::config::{ConfigError, MailConfig, MailTls};

/// Steps of a conversation that may each take the configured time.
const STEPS: u32 = 4;
/// No claim of a mail lasts longer than a conversation.
const LONGEST: Duration = Duration::from_secs(240);
const REASON_CHARACTERS_MAX: usize = 200;

/// Hands mails to the configured mail server.
#[derive(Debug, Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    public_url: String,
    /// The host of the public address.
    host: String,
    longest: Duration,
}

/// Why a mail was not taken, and whether others can be tried at once.
#[derive(Debug)]
pub struct NotTaken {
    pub failure: Failure,
    /// It is no matter of this mail: the server cannot be used.
    pub down: bool,
}

impl Mailer {
    pub fn new(config: &MailConfig, public_url: &str) -> Result<Self, ConfigError> {
        let from = config.from.parse().map_err(|_| ConfigError::Mail {
            setting: "from",
            rule: "an address such as Message Center <sms@example.org>",
        })?;
        let tls = match config.tls {
            MailTls::Starttls => Tls::Required(parameters(config)?),
            MailTls::Tls => Tls::Wrapper(parameters(config)?),
            MailTls::None => Tls::None,
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&config.host)
            .port(config.port())
            .tls(tls)
            .timeout(Some(config.timeout()));
        if let Some((user, password)) = config.credentials()? {
            builder = builder.credentials(Credentials::new(user, password.reveal().to_owned()));
        }
        let authority = public_url.split_once("://").map_or(public_url, |(_, rest)| rest);
        let host = match authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => host,
            _ => authority,
        };
        Ok(Self {
            transport: builder.build(),
            from,
            public_url: public_url.to_owned(),
            host: host.to_owned(),
            longest: (config.timeout() * STEPS).min(LONGEST),
        })
    }

    /// Sends one mail, written at `now_ms`.
    pub async fn send(&self, letter: &Letter, now_ms: i64) -> Result<(), NotTaken> {
        let text = text::of(&letter.content, letter.name.as_deref(), &self.public_url);
        let recipient = Recipient { address: &letter.to, name: letter.name.as_deref() };
        let message = compose::message(letter.id, &recipient, text, &self.from, &self.host, now_ms)
            .map_err(|error| NotTaken { failure: Failure::Permanent(error.to_string()), down: false })?;
        match tokio::time::timeout(self.longest, self.transport.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(self.judged(&error, letter).await),
            Err(_) => {
                let reason = format!("no answer within {} s", self.longest.as_secs());
                Err(NotTaken { failure: Failure::Temporary(reason), down: true })
            }
        }
    }

    /// Connects, signs in and says goodbye.
    ///
    /// # Errors
    /// Why it does not work, in words.
    pub async fn try_connection(&self) -> Result<(), String> {
        match self.transport.test_connection().await {
            Ok(true) => Ok(()),
            Ok(false) => Err("it does not answer as a mail server does".to_owned()),
            Err(error) => Err(without_addresses(&chain(&error))),
        }
    }

    async fn judged(&self, error: &SmtpError, letter: &Letter) -> NotTaken {
        let reason = without_addresses(&chain(error));
        let code = error.status().map(u16::from);
        let needs_utf8 = error.is_client() && !letter.to.as_str().is_ascii() && reason.contains("SMTPUTF8");
        if needs_utf8 {
            return NotTaken { failure: Failure::Permanent(reason), down: false };
        }
        if error.is_permanent() {
            // A refused sign-in, or a server that greets nobody, is no matter of the mail.
            let of_connection = matches!(code, Some(530 | 534 | 535 | 538));
            let down = of_connection || !self.transport.test_connection().await.unwrap_or(false);
            let failure = if down { Failure::Temporary(reason) } else { Failure::Permanent(reason) };
            return NotTaken { failure, down };
        }
        // 421: the server is going down. Other temporary refusals are of the mail or its mailbox.
        let down = !error.is_transient() || code == Some(421);
        NotTaken { failure: Failure::Temporary(reason), down }
    }
}

fn parameters(config: &MailConfig) -> Result<TlsParameters, ConfigError> {
    let unusable = |_: SmtpError| ConfigError::Mail {
        setting: "ca_file",
        rule: "a file of certificates (PEM) for a host that has a name",
    };
    let mut builder = TlsParameters::builder(config.host.clone());
    if let Some(file) = &config.ca_file {
        let pem = fs::read(file).map_err(|source| ConfigError::MailFile { file: file.clone(), source })?;
        builder = builder.add_root_certificate(Certificate::from_pem(&pem).map_err(unusable)?);
    }
    builder.build_rustls().map_err(unusable)
}

/// The error with its causes.
fn chain(error: &SmtpError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        cause = error.source();
    }
    text
}

/// What servers say often repeats the address, which is nobody's business in a log.
fn without_addresses(text: &str) -> String {
    let words = text.split(|character: char| character.is_whitespace() || character.is_control());
    let words = words.filter(|word| !word.is_empty()).map(|word| if word.contains('@') { "…" } else { word });
    words.collect::<Vec<_>>().join(" ").chars().take(REASON_CHARACTERS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_hold_no_addresses() {
        let said = "permanent error (550): 5.1.1 <ann@example.org>: no such\r\nuser";
        assert_eq!(without_addresses(said), "permanent error (550): 5.1.1 … no such user");
    }

    // In a runtime: the pool of connections ends in one.
    #[tokio::test]
    async fn the_message_id_is_of_the_public_host() {
        let config = MailConfig {
            host: "127.0.0.1".into(),
            port: None,
            tls: MailTls::None,
            ca_file: None,
            user: None,
            password: None,
            password_file: None,
            from: "sms@example.org".into(),
            timeout_s: 5,
        };
        let host = |url: &str| Mailer::new(&config, url).unwrap().host;
        assert_eq!(host("https://sms.example"), "sms.example");
        assert_eq!(host("http://localhost:3000"), "localhost");
        assert_eq!(host("http://[::1]:3000"), "[::1]");
    }
}
