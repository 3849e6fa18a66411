//! The signature of webhooks: HMAC-SHA1 with the account's secret over the webhook's URL and the canonical JSON of its body,
//! in base64, in the header `X-Registry-Signature` (registry documentation, "Webhook Authentication").

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use crate::{json::Value, secret::Secret};

pub const HEADER: &str = "x-registry-signature";

/// No signature, or not this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature is missing or wrong")]
pub struct WrongSignature;

fn mac(secret: &Secret, url: &str, body: &Value) -> Option<Hmac<Sha1>> {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret.expose().as_bytes()).ok()?;
    mac.update(url.as_bytes());
    mac.update(body.canonical().as_bytes());
    Some(mac)
}

/// As the registry makes it. Empty for a secret that no key can be made of, which does not occur: HMAC takes any.
#[must_use]
pub fn sign(secret: &Secret, url: &str, body: &Value) -> String {
    mac(secret, url, body).map(|mac| STANDARD.encode(mac.finalize().into_bytes())).unwrap_or_default()
}

/// `url` is the address at which the webhook is registered, as it was registered. Takes the same time wherever a wrong
/// signature differs.
pub fn verify(secret: &Secret, url: &str, body: &Value, signature: &str) -> Result<(), WrongSignature> {
    let claimed = STANDARD.decode(signature.trim()).map_err(|_| WrongSignature)?;
    let mac = mac(secret, url, body).ok_or(WrongSignature)?;
    mac.verify_slice(&claimed).map_err(|_| WrongSignature)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;

    /// Made by `printf %s URL+JSON | openssl dgst -sha1 -hmac secret -binary | base64`.
    #[test]
    fn signs_as_others_do() {
        let secret = Secret::new("secret");
        let body =
            parse(br#"{ "mnoId": 10017, "campaignId": "CRMKK5Y", "eventType": "MNO_CAMPAIGN_OPERATION_SUSPENDED" }"#)
                .unwrap();
        let expected = "7I4zwBatauRAofk381rfvKVExp4=";
        assert_eq!(sign(&secret, "https://mc.example/hooks/registry", &body), expected);
        assert_eq!(verify(&secret, "https://mc.example/hooks/registry", &body, expected), Ok(()));
    }

    #[test]
    fn a_forged_signature_is_refused() {
        let (secret, url) = (Secret::new("secret"), "https://mc.example/hooks/registry");
        let body = parse(br#"{"eventType":"CAMPAIGN_EXPIRED","campaignId":"CRMKK5Y"}"#).unwrap();
        let right = sign(&secret, url, &body);
        let other = parse(br#"{"eventType":"CAMPAIGN_EXPIRED","campaignId":"CRMKK5Z"}"#).unwrap();
        assert_eq!(verify(&secret, url, &other, &right), Err(WrongSignature));
        assert_eq!(verify(&Secret::new("Secret"), url, &body, &right), Err(WrongSignature));
        assert_eq!(verify(&secret, "https://mc.example/hooks/registry/", &body, &right), Err(WrongSignature));
        for wrong in ["", "AAAA", "not base64!", &right[..right.len() - 4], &right.to_lowercase()] {
            assert_eq!(verify(&secret, url, &body, wrong), Err(WrongSignature), "{wrong}");
        }
        // The order of the members and blanks are no part of what is signed.
        let same = parse(br#"{ "campaignId":"CRMKK5Y", "eventType":"CAMPAIGN_EXPIRED" }"#).unwrap();
        assert_eq!(verify(&secret, url, &same, &right), Ok(()));
    }
}
