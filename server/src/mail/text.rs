//! What mails say: what happened, one link, and why it was sent to this person.

use store::notices::Content;

/// Subject and body, in plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) subject: String,
    pub(super) body: String,
}

/// `public_url` has no slash at its end.
pub(super) fn of(content: &Content, name: Option<&str>, public_url: &str) -> Text {
    let parts = parts(content, public_url);
    let subject = one_line(&parts.subject);
    let hello = name.map_or_else(|| "Hello".to_owned(), |name| format!("Hello {}", one_line(name)));
    let body = format!("{hello},\n\n{}\n\n{}\n\n-- \n{}\n", parts.what, parts.link, parts.why);
    Text { subject, body }
}

struct Parts {
    subject: String,
    what: String,
    link: String,
    why: String,
}

fn parts(content: &Content, public_url: &str) -> Parts {
    match content {
        Content::Notice { about, slug, workspace } => {
            let workspace = one_line(workspace);
            let note = about.note().map(|note| format!("\n\nThe note says:\n{note}")).unwrap_or_default();
            Parts {
                subject: about.sentence(),
                what: format!("{}, in the workspace {workspace}.{note}", one_line(&about.sentence())),
                link: format!("{public_url}/w/{slug}{}", about.path()),
                why: format!(
                    "You get this mail as a member of the workspace {workspace}. Which mails you get is your choice:\n\
                     {public_url}/account/notices"
                ),
            }
        }
        Content::PasswordLink { token, minutes } => Parts {
            subject: "Set a new password for Message Center".to_owned(),
            what: format!(
                "Somebody, probably you, has forgotten the password of your account. This link works once, within \
                 {minutes} minutes, and leads to a page where you choose a new one. If it was not you, there is nothing \
                 to do: your password stays as it is."
            ),
            link: format!("{public_url}/link/{}", token.reveal()),
            why: format!("You get this mail because this address belongs to an account at {public_url}."),
        },
        Content::Invitation { token, workspace, by, note, days } => {
            let (workspace, by) = (one_line(workspace), one_line(by));
            let note = note.as_ref().map(|note| format!("\n\nThe note says:\n{note}")).unwrap_or_default();
            let days = if *days == 1 { "a day".to_owned() } else { format!("{days} days") };
            Parts {
                subject: format!("{by} invites you to the workspace {workspace}"),
                what: format!(
                    "{by} invites you to the workspace {workspace} of Message Center, where SMS campaigns are written, \
                     approved and sent.{note}\n\nThis link works once, within {days}:"
                ),
                link: format!("{public_url}/invitation/{}", token.reveal()),
                why: format!(
                    "You get this mail because {by} entered your address at {public_url}. If you do not know why, there \
                     is nothing to do."
                ),
            }
        }
        Content::Trial => Parts {
            subject: "Mails of Message Center arrive".to_owned(),
            what: "This is the test mail that you asked for: the mail server is set up.".to_owned(),
            link: format!("{public_url}/installation/mail"),
            why: "You get this mail because you clicked “Send a test mail to myself”.".to_owned(),
        },
    }
}

/// Names that people chose do not break a line.
fn one_line(text: &str) -> String {
    text.split(char::is_control).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use domain::{id::CampaignId, notice::About, slug::Slug};

    use super::*;

    fn decided(name: &str) -> Content {
        let campaign: CampaignId = "019d0000-0000-7000-8000-000000000000".parse().unwrap();
        let note = Some("Wrong day.\nTry tomorrow.".to_owned());
        let about = About::CampaignDecided { campaign, name: name.into(), approved: false, by: "Max".into(), note };
        Content::Notice { about, slug: Slug::parse("acme").unwrap(), workspace: "Acme Ltd".into() }
    }

    #[test]
    fn a_mail_says_what_happened_where_it_leads_and_why_it_came() {
        let text = of(&decided("Sale"), Some("Ann"), "https://sms.example");
        assert_eq!(text.subject, "Max rejected the campaign “Sale”");
        let expected = "Hello Ann,\n\n\
            Max rejected the campaign “Sale”, in the workspace Acme Ltd.\n\n\
            The note says:\nWrong day.\nTry tomorrow.\n\n\
            https://sms.example/w/acme/campaigns/019d0000-0000-7000-8000-000000000000\n\n\
            -- \n\
            You get this mail as a member of the workspace Acme Ltd. Which mails you get is your choice:\n\
            https://sms.example/account/notices\n";
        assert_eq!(text.body, expected);
    }

    #[test]
    fn a_name_stays_within_its_line() {
        let text = of(&decided("Sale\r\nBcc: all@example.org"), Some("Ann\r\nX: y"), "https://sms.example");
        assert!(!text.subject.contains(['\r', '\n']));
        assert!(text.body.starts_with("Hello Ann X: y,\n"));
        assert!(!text.body.contains("\nBcc:"));
    }
}
