//! Webhooks: verified, then read.
//!
//! Their bodies are flat; members that we do not know are ignored, and so are types of events that concern nobody. The
//! registry documents neither an id nor a time of an event; where there are some (`eventId`, `eventTime` in milliseconds,
//! as the simulated registry can send them) they are used. What an event changes is decided by
//! [`domain::tendlc::event`].

use domain::tendlc::{
    Carrier, IdentityStatus, RegistryBrandId, RegistryCampaignId, SharingState,
    carrier::CarrierEvent,
    event::{BrandNews, CampaignNews, Event, News},
};

use crate::{
    json::{self, JsonError, Value},
    secret::Secret,
    signature::{self, WrongSignature},
};

/// No event is near this long.
pub const BODY_MAX: usize = 64 * 1024;
const ID_CHARACTERS_MAX: usize = 100;
const DESCRIPTION_CHARACTERS_MAX: usize = 1_000;

/// Why a webhook was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    #[error("the body has more than {BODY_MAX} octets")]
    TooLong,
    #[error("the body cannot be read: {0}")]
    Json(#[from] JsonError),
    #[error(transparent)]
    Signature(#[from] WrongSignature),
    /// Signed, so that it is worth looking at, but about nothing.
    #[error("the event {event_type} lacks a valid {field}")]
    Incomplete { event_type: String, field: &'static str },
}

/// A webhook that the registry sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Received {
    pub event: Event,
    /// The body in its canonical form: what is kept.
    pub canonical: String,
}

/// `url` is the address at which the webhook is registered.
///
/// # Errors
/// [`WebhookError`]; nothing may follow from such a webhook.
pub fn receive(secret: &Secret, url: &str, signature: &str, body: &[u8]) -> Result<Received, WebhookError> {
    if body.len() > BODY_MAX {
        return Err(WebhookError::TooLong);
    }
    let value = json::parse(body)?;
    signature::verify(secret, url, &value, signature)?;
    Ok(Received { event: read(&value)?, canonical: value.canonical() })
}

/// What a body says, whoever sent it. Also for a raw event that is processed again.
pub fn read(body: &Value) -> Result<Event, WebhookError> {
    let text = |name| body.get(name).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
    let event_type = text("eventType").ok_or_else(|| incomplete("", "eventType"))?;
    let brand = || {
        let id = text("brandId").and_then(|id| RegistryBrandId::parse(id).ok());
        id.ok_or_else(|| incomplete(event_type, "brandId"))
    };
    let campaign = || {
        let id = text("campaignId").and_then(|id| RegistryCampaignId::parse(id).ok());
        id.ok_or_else(|| incomplete(event_type, "campaignId"))
    };
    let news = match event_type {
        "BRAND_DELETE" => News::Brand { brand: brand()?, what: BrandNews::Deleted },
        "BRAND_IDENTITY_STATUS_UPDATE" => {
            // A word that we do not know yet is a reason to look, and no error.
            let identity = text("brandIdentityStatus").and_then(IdentityStatus::from_word);
            News::Brand { brand: brand()?, what: identity.map_or(BrandNews::Changed, BrandNews::Identity) }
        }
        "CAMPAIGN_EXPIRED" => News::Campaign { campaign: campaign()?, what: CampaignNews::Expired },
        "CAMPAIGN_SHARE_ADD" => sharing(campaign()?, SharingState::Pending),
        "CAMPAIGN_SHARE_ACCEPT" => sharing(campaign()?, SharingState::Accepted),
        "CAMPAIGN_SHARE_DECLINE" => sharing(campaign()?, SharingState::Declined),
        _ => match carrier_event(event_type) {
            Some(event) => {
                let campaign = campaign()?;
                let id = body.get("mnoId").and_then(number);
                let id = id.ok_or_else(|| incomplete(event_type, "mnoId"))?;
                // A carrier that we do not know has no say in what we do.
                let carrier = u32::try_from(id).ok().and_then(Carrier::from_id);
                let what = carrier.map_or(CampaignNews::Changed, |carrier| CampaignNews::Carrier(carrier, event));
                News::Campaign { campaign, what }
            }
            None if event_type.starts_with("BRAND_") || event_type.starts_with("EVP_") => {
                News::Brand { brand: brand()?, what: BrandNews::Changed }
            }
            None if event_type.starts_with("CAMPAIGN_") || event_type.starts_with("MNO_CAMPAIGN_") => {
                News::Campaign { campaign: campaign()?, what: CampaignNews::Changed }
            }
            None => News::Other { event_type: cut(event_type, ID_CHARACTERS_MAX) },
        },
    };
    Ok(Event {
        id: text("eventId").filter(|id| id.chars().count() <= ID_CHARACTERS_MAX).map(str::to_owned),
        at_ms: body.get("eventTime").and_then(Value::as_i64).filter(|at_ms| *at_ms >= 0),
        news,
        description: text("description").map(|text| cut(text, DESCRIPTION_CHARACTERS_MAX)),
    })
}

fn sharing(campaign: RegistryCampaignId, state: SharingState) -> News {
    News::Campaign { campaign, what: CampaignNews::Sharing(state) }
}

fn carrier_event(event_type: &str) -> Option<CarrierEvent> {
    Some(match event_type.strip_prefix("MNO_CAMPAIGN_OPERATION_")? {
        "REVIEW" => CarrierEvent::Review,
        "APPROVED" | "APPROVE" => CarrierEvent::Approve,
        "REJECTED" => CarrierEvent::Reject,
        "SUSPENDED" => CarrierEvent::Suspend,
        "UNSUSPENDED" => CarrierEvent::Unsuspend,
        _ => return None,
    })
}

/// Some numbers come as text.
fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str().and_then(|text| text.trim().parse().ok()))
}

fn cut(text: &str, max: usize) -> String {
    text.chars().take(max).collect()
}

fn incomplete(event_type: &str, field: &'static str) -> WebhookError {
    WebhookError::Incomplete { event_type: cut(event_type, ID_CHARACTERS_MAX), field }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn news(body: &str) -> Result<News, WebhookError> {
        read(&json::parse(body.as_bytes()).unwrap()).map(|event| event.news)
    }

    /// The example of the registry's documentation.
    #[test]
    fn a_suspension_by_att() {
        let body = r#"{"cspId":"SUEKBB","brandName":"Microsoft","mnoName":"AT&T","campaignId":"CRMKK5Y",
            "campaignReferenceId":"C-00388","brandId":"BFHXANR","mnoId":10017,
            "eventType":"MNO_CAMPAIGN_OPERATION_SUSPENDED","cspName":"ACME","somethingNew":{"a":[1]}}"#;
        let event = read(&json::parse(body.as_bytes()).unwrap()).unwrap();
        let what = CampaignNews::Carrier(Carrier::Att, CarrierEvent::Suspend);
        assert_eq!(event.news, News::Campaign { campaign: "CRMKK5Y".parse().unwrap(), what });
        assert_eq!((event.id, event.at_ms), (None, None));
    }

    #[test]
    fn what_is_new_to_us_does_no_harm() {
        let changed = News::Campaign { campaign: "CRMKK5Y".parse().unwrap(), what: CampaignNews::Changed };
        for body in [
            r#"{"eventType":"CAMPAIGN_NUDGE","campaignId":"CRMKK5Y"}"#,
            r#"{"eventType":"MNO_CAMPAIGN_OPERATION_DREAMING","campaignId":"CRMKK5Y"}"#,
            r#"{"eventType":"MNO_CAMPAIGN_OPERATION_APPROVED","campaignId":"CRMKK5Y","mnoId":"10999"}"#,
        ] {
            assert_eq!(news(body), Ok(changed.clone()), "{body}");
        }
        assert_eq!(news(r#"{"eventType":"CSP_ACTIVE"}"#), Ok(News::Other { event_type: "CSP_ACTIVE".into() }));
        let body = r#"{"eventType":"BRAND_IDENTITY_STATUS_UPDATE","brandId":"BFHXANR","brandIdentityStatus":"ODD"}"#;
        assert_eq!(news(body), Ok(News::Brand { brand: "BFHXANR".parse().unwrap(), what: BrandNews::Changed }));
    }

    #[test]
    fn what_is_about_nothing_is_said() {
        for (body, missing) in [
            ("{}", "eventType"),
            ("[]", "eventType"),
            (r#"{"eventType":"CAMPAIGN_EXPIRED"}"#, "campaignId"),
            (r#"{"eventType":"CAMPAIGN_EXPIRED","campaignId":"BFHXANR"}"#, "campaignId"),
            (r#"{"eventType":"BRAND_DELETE","brandId":7}"#, "brandId"),
            (r#"{"eventType":"MNO_CAMPAIGN_OPERATION_SUSPENDED","campaignId":"CRMKK5Y"}"#, "mnoId"),
        ] {
            match news(body) {
                Err(WebhookError::Incomplete { field, .. }) => assert_eq!(field, missing, "{body}"),
                other => panic!("{body}: {other:?}"),
            }
        }
    }

    #[test]
    fn nothing_unsigned_is_read() {
        let (secret, url) = (Secret::new("s3cret"), "https://mc.example/hooks/registry");
        let body =
            br#"{"eventType":"CAMPAIGN_EXPIRED","campaignId":"CRMKK5Y","eventId":"e1","eventTime":1700000000000}"#;
        let signature = signature::sign(&secret, url, &json::parse(body).unwrap());
        let received = receive(&secret, url, &signature, body).unwrap();
        assert_eq!((received.event.id.as_deref(), received.event.at_ms), (Some("e1"), Some(1_700_000_000_000)));
        assert_eq!(receive(&secret, url, "", body), Err(WebhookError::Signature(WrongSignature)));
        let forged = br#"{"eventType":"CAMPAIGN_EXPIRED","campaignId":"CRMKK5Z"}"#;
        assert_eq!(receive(&secret, url, &signature, forged), Err(WebhookError::Signature(WrongSignature)));
        assert_eq!(receive(&secret, url, &signature, &[b' '; BODY_MAX + 1]), Err(WebhookError::TooLong));
        assert!(matches!(receive(&secret, url, &signature, b"{"), Err(WebhookError::Json(_))));
    }
}
