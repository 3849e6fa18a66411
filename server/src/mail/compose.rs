//! A mail as it goes over the wire.

use std::time::{Duration, UNIX_EPOCH};

use lettre::{
    Address, Message,
    message::{
        Mailbox, SinglePart,
        header::{HeaderName, HeaderValue},
    },
};

use super::text::Text;
use domain::{email::Email, id::MailId};

/// Who is written to.
pub(super) struct Recipient<'a> {
    pub(super) address: &'a Email,
    pub(super) name: Option<&'a str>,
}

/// Why a mail cannot be written.
#[derive(Debug, thiserror::Error)]
pub(super) enum ComposeError {
    #[error("the address is not one that mails can be sent to")]
    Address(#[from] lettre::address::AddressError),
    #[error("the mail cannot be put together: {0}")]
    Message(#[from] lettre::error::Error),
}

/// The same Message-ID whatever the attempt, on `host`. Every header goes through lettre's types, which encode what is
/// no plain text and let nobody begin a new line.
pub(super) fn message(
    id: MailId,
    recipient: &Recipient<'_>,
    text: Text,
    from: &Mailbox,
    host: &str,
    at_ms: i64,
) -> Result<Message, ComposeError> {
    let address: Address = recipient.address.as_str().parse()?;
    let printable = |name: &str| name.chars().filter(|character| !character.is_control()).collect();
    let name: Option<String> = recipient.name.map(printable);
    let at = UNIX_EPOCH + Duration::from_millis(u64::try_from(at_ms).unwrap_or_default());
    // RFC 3834: nobody's out-of-office note answers it.
    let automatic = HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned());
    let suppress = HeaderValue::new(HeaderName::new_from_ascii_str("X-Auto-Response-Suppress"), "All".to_owned());
    Ok(Message::builder()
        .from(from.clone())
        .to(Mailbox::new(name, address))
        .subject(text.subject)
        .date(at)
        .message_id(Some(format!("<{id}@{host}>")))
        .raw_header(automatic)
        .raw_header(suppress)
        .singlepart(SinglePart::plain(text.body))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(name: &str, subject: &str) -> String {
        let id: MailId = "019d0000-0000-7000-8000-000000000001".parse().unwrap();
        let address = Email::parse("ann@example.org").unwrap();
        let text = Text { subject: subject.into(), body: "Hello\n".into() };
        let from = "Message Center <sms@example.org>".parse().unwrap();
        let recipient = Recipient { address: &address, name: Some(name) };
        let message = message(id, &recipient, text, &from, "sms.example", 1_790_000_000_000).unwrap();
        String::from_utf8(message.formatted()).unwrap()
    }

    #[test]
    fn the_headers_are_those_of_an_automatic_mail() {
        let mail = written("Ann Lee", "It waits");
        for header in [
            "Message-ID: <019d0000-0000-7000-8000-000000000001@sms.example>\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "To: \"Ann Lee\" <ann@example.org>\r\n",
            "Subject: It waits\r\n",
        ] {
            assert!(mail.contains(header), "{header}: {mail}");
        }
    }

    #[test]
    fn nobody_adds_a_header() {
        for bad in [
            "x\r\nBcc: evil@example.org",
            "x\nBcc: evil@example.org",
            "x\rBcc: evil@example.org",
            "\" <e@x.example>, \"",
        ] {
            let mail = written(bad, bad);
            let (head, _) = mail.split_once("\r\n\r\n").unwrap();
            assert!(head.split("\r\n").all(|line| !line.starts_with("Bcc")), "{head}");
            assert!(!head.replace("\r\n", "").contains(['\r', '\n']), "{head}");
            let to = head.split("\r\n").find(|line| line.starts_with("To:")).unwrap();
            assert!(to.ends_with("<ann@example.org>") || head.contains("<ann@example.org>"), "{head}");
        }
    }
}
