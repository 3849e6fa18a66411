//! The second factor of an account: an authenticator (RFC 6238), and recovery codes.
//!
//! Set up in two steps: an offer with a fresh secret and recovery codes, shown until a code of the authenticator confirms
//! it or a quarter of an hour has gone by. From then on the secret is kept sealed and the recovery codes as pseudonyms.

use domain::{
    id::UserId,
    installation::SecondFactorRule,
    permission::Capacity,
    second_factor::{self, RECOVERY_CHARACTERS, RECOVERY_CODES, Typed},
};
use serde::{Deserialize, Serialize};
use surrealdb::types::RecordId;
use totp_rs::{Algorithm, Builder, Secret, Totp};

use crate::{
    Error, Gate, Identified, Ruler, Session,
    access::{Inner, random_bytes},
    audit::{Chain, Event},
    db::{Tx, key, tx::Columns},
    users::User,
};

const OFFER_LIFE_MS: i64 = 15 * 60_000;
/// RFC 4226 §4 advises 160 bits.
const SECRET_OCTETS: usize = 20;
const ISSUER: &str = "Message Center";

#[derive(Debug, Clone, Serialize, Deserialize)]
struct SecondFactor {
    sealed_secret: String,
    /// The last step whose code was accepted.
    last_step: Option<u64>,
    /// Pseudonyms of the recovery codes that were not used.
    recovery: Vec<String>,
    since_ms: i64,
    revision: u64,
}

impl Columns for SecondFactor {}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Offer {
    sealed_secret: String,
    /// The recovery codes, to be shown until the offer is taken.
    sealed_codes: String,
    pub(super) expires_at_ms: i64,
}

impl Columns for Offer {}

/// What somebody sees of their second factor.
#[derive(Debug, Clone)]
pub struct Overview {
    /// Since when there is one, and how many recovery codes are left.
    pub on: Option<(i64, u32)>,
    /// What is about to be set up.
    pub offer: Option<OfferView>,
    /// The installation asks for one.
    pub required: bool,
}

/// For the authenticator, and to be kept.
#[derive(Debug, Clone)]
pub struct OfferView {
    /// Base 32, to be typed.
    pub secret: String,
    /// `otpauth://…`, to be scanned.
    pub url: String,
    pub recovery_codes: Vec<String>,
}

/// A code that was right, and what has to be written so that it is not right again.
#[derive(Debug)]
pub(crate) struct AcceptedCode {
    user: UserId,
    expected: u64,
    next: SecondFactor,
}

impl AcceptedCode {
    pub(crate) fn put(&self, tx: &mut Tx) {
        tx.compare_and_set(factor_key(self.user), self.expected, &self.next);
    }
}

fn factor_key(user: UserId) -> RecordId {
    key::global("second_factor", user)
}

fn offer_key(user: UserId) -> RecordId {
    key::global("second_factor_offer", user)
}

/// Removes everything of a second factor.
pub(crate) fn forget(tx: &mut Tx, user: UserId) {
    tx.delete(factor_key(user));
    tx.delete(offer_key(user));
}

fn totp(secret: Vec<u8>, account: &str) -> Result<Totp, Error> {
    // Authenticators know no other algorithm for sure. A colon would end the account's name.
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_step_duration(second_factor::STEP_S)
        .with_skew(0)
        .with_secret(secret)
        .with_account_name(account.replace(':', " "))
        .with_issuer(Some(ISSUER))
        .build()
        .map_err(|_| Error::Corrupt)
}

/// The step in which what was typed is the code of the authenticator.
fn accepted_step(totp: &Totp, code: &str, now_ms: i64, last_step: Option<u64>) -> Option<u64> {
    second_factor::accepted_step(now_ms, last_step, |step| totp.check(code, step * second_factor::STEP_S).is_some())
}

fn new_codes() -> Result<Vec<String>, Error> {
    (0..RECOVERY_CODES).map(|_| Ok(second_factor::recovery_code(random_bytes::<RECOVERY_CHARACTERS>()?))).collect()
}

fn shown(codes: &[String]) -> Vec<String> {
    codes.iter().map(|code| second_factor::shown(code)).collect()
}

/// What somebody's account page says.
pub async fn overview(gate: &Gate, who: &Identified) -> Result<Overview, Error> {
    let inner = &*gate.inner;
    let user = who.user();
    let factor: Option<SecondFactor> = inner.db.get(factor_key(user.id)).await?;
    let rule = inner.settings().await?.settings.second_factor;
    Ok(Overview {
        on: factor.map(|factor| (factor.since_ms, u32::try_from(factor.recovery.len()).unwrap_or(u32::MAX))),
        offer: inner.offer(user).await?.map(|(totp, codes)| view_of(&totp, &codes)).transpose()?,
        required: inner.must_have_second_factor(user, rule).await?,
    })
}

fn view_of(totp: &Totp, codes: &[String]) -> Result<OfferView, Error> {
    Ok(OfferView {
        secret: totp.secret().to_base32(),
        url: totp.to_url().map_err(|_| Error::Corrupt)?,
        recovery_codes: shown(codes),
    })
}

/// Makes an offer; an earlier one is forgotten.
pub async fn begin(gate: &Gate, who: &Identified) -> Result<(), Error> {
    let inner = &*gate.inner;
    let user = who.user();
    if user.second_factor {
        return Err(Error::Stale {
            what: "a second factor is set up already; turn it off before you set up another".into(),
        });
    }
    let of = user.id.to_string();
    let offer = Offer {
        sealed_secret: inner.sealer.seal(&of, &random_bytes::<SECRET_OCTETS>()?)?,
        sealed_codes: inner.sealer.seal(&of, new_codes()?.join(" ").as_bytes())?,
        expires_at_ms: inner.now_ms() + OFFER_LIFE_MS,
    };
    Ok(inner.db.transact(|| crate::access::with(|tx| tx.put(offer_key(user.id), &offer))).await?)
}

/// Takes the offer with a code that the authenticator shows.
pub async fn confirm(gate: &Gate, who: &Identified, code: &str) -> Result<(), Error> {
    let inner = &*gate.inner;
    let before = who.user();
    if before.second_factor {
        return Err(Error::Stale { what: "a second factor is set up already".into() });
    }
    let (totp, codes) = inner
        .offer(before)
        .await?
        .ok_or_else(|| Error::Stale { what: "this took more than a quarter of an hour; begin again".into() })?;
    let Typed::Code(code) = Typed::read(code) else {
        return Err(Error::invalid("code", "enter the six digits that your authenticator shows"));
    };
    let now_ms = inner.now_ms();
    let step = accepted_step(&totp, &code, now_ms, None).ok_or_else(|| {
        Error::invalid("code", "this is not the code of this moment; look whether the clock of your device is right")
    })?;
    let of = before.id.to_string();
    let factor = SecondFactor {
        sealed_secret: inner.sealer.seal(&of, totp.secret().as_bytes())?,
        last_step: Some(step),
        recovery: codes.iter().map(|code| inner.sealer.pseudonym(&of, code)).collect(),
        since_ms: now_ms,
        revision: 1,
    };
    let after = User { second_factor: true, revision: before.revision + 1, ..before.clone() };
    let event = Event::new(who.actor(), who.origin().clone(), "second_factor.set_up").on("user", &before.id);
    inner
        .audited(Chain::Installation, event, |tx| {
            tx.compare_and_set(key::global("user", before.id), before.revision, &after);
            tx.delete(offer_key(before.id));
            tx.create(factor_key(before.id), &factor);
        })
        .await
}

/// Turns it off, with password and code.
pub async fn disable(gate: &Gate, session: &Session, password: &str, code: &str) -> Result<(), Error> {
    let inner = &*gate.inner;
    let before = session.user();
    if !before.second_factor {
        return Ok(());
    }
    let rule = inner.settings().await?.settings.second_factor;
    if inner.must_have_second_factor(before, rule).await? {
        return Err(Error::Stale {
            what: "this installation asks for a second factor; it cannot be turned off".into(),
        });
    }
    let attempt = inner.prove_password(before, password, session.origin()).await?;
    let Some(accepted) = inner.accept_code(before.id, code).await? else {
        return Err(inner.wrong_code(attempt, before).await?);
    };
    let after = User { second_factor: false, revision: before.revision + 1, ..before.clone() };
    let event =
        Event::new(session.actor(None), session.origin().clone(), "second_factor.turned_off").on("user", &before.id);
    inner
        .audited(Chain::Installation, event, |tx| {
            tx.compare_and_set(key::global("user", before.id), before.revision, &after);
            accepted.put(tx);
            forget(tx, before.id);
            attempt.succeeded(tx);
        })
        .await
}

/// Ten new recovery codes, with password and code; the earlier ones are void.
pub async fn renew_codes(gate: &Gate, session: &Session, password: &str, code: &str) -> Result<Vec<String>, Error> {
    let inner = &*gate.inner;
    let user = session.user();
    let attempt = inner.prove_password(user, password, session.origin()).await?;
    let Some(mut accepted) = inner.accept_code(user.id, code).await? else {
        return Err(inner.wrong_code(attempt, user).await?);
    };
    let (codes, of) = (new_codes()?, user.id.to_string());
    accepted.next.recovery = codes.iter().map(|code| inner.sealer.pseudonym(&of, code)).collect();
    let event =
        Event::new(session.actor(None), session.origin().clone(), "second_factor.codes_renewed").on("user", &user.id);
    inner
        .audited(Chain::Installation, event, |tx| {
            accepted.put(tx);
            attempt.succeeded(tx);
        })
        .await?;
    Ok(shown(&codes))
}

/// By a super admin, for somebody who has lost authenticator and codes. Their sessions end.
pub async fn reset(ruler: &Ruler, user: UserId) -> Result<User, Error> {
    let inner = ruler.inner();
    let before = inner.user(user).await?.ok_or(Error::NotFound)?;
    if !before.second_factor {
        return Err(Error::Stale { what: format!("{} has no second factor", before.name) });
    }
    let event = Event::new(ruler.actor(), ruler.origin(), "second_factor.reset").on("user", &before.id);
    inner.reset_second_factor(&before, event, |tx| ruler.rely_on(tx)).await?;
    Ok(before)
}

impl Inner {
    pub(crate) async fn reset_second_factor(
        &self,
        before: &User,
        event: Event,
        also: impl Fn(&mut Tx),
    ) -> Result<(), Error> {
        let after = User { second_factor: false, revision: before.revision + 1, ..before.clone() };
        let sessions = self.sessions_of(before.id).await?;
        self.audited(Chain::Installation, event, |tx| {
            also(tx);
            tx.compare_and_set(key::global("user", before.id), before.revision, &after);
            forget(tx, before.id);
            for session in &sessions {
                tx.delete(session.clone());
            }
        })
        .await
    }

    /// Whether the installation asks somebody for a second factor.
    pub(crate) async fn must_have_second_factor(&self, user: &User, rule: SecondFactorRule) -> Result<bool, Error> {
        match rule {
            SecondFactorRule::Nobody => Ok(false),
            SecondFactorRule::Everybody => Ok(true),
            SecondFactorRule::Admins if user.super_admin => Ok(true),
            SecondFactorRule::Admins => {
                let memberships = self.memberships_of(user.id).await?;
                Ok(memberships.iter().any(|membership| membership.capacity() == Capacity::Admin))
            }
        }
    }

    /// Looks at what was typed as a code: one of the authenticator's, or a recovery code. None: it is not right.
    pub(crate) async fn accept_code(&self, user: UserId, typed: &str) -> Result<Option<AcceptedCode>, Error> {
        let Some(factor): Option<SecondFactor> = self.db.get(factor_key(user)).await? else { return Ok(None) };
        let of = user.to_string();
        let next = match Typed::read(typed) {
            Typed::Code(code) => {
                let totp = totp(self.sealer.open(&of, &factor.sealed_secret)?, "account")?;
                accepted_step(&totp, &code, self.now_ms(), factor.last_step)
                    .map(|step| SecondFactor { last_step: Some(step), ..factor.clone() })
            }
            Typed::Recovery(code) => {
                let pseudonym = self.sealer.pseudonym(&of, &code);
                let left: Vec<String> = factor.recovery.iter().filter(|other| **other != pseudonym).cloned().collect();
                (left.len() < factor.recovery.len()).then(|| SecondFactor { recovery: left, ..factor.clone() })
            }
            Typed::Nothing => None,
        };
        let expected = factor.revision;
        Ok(next.map(|next| AcceptedCode { user, expected, next: SecondFactor { revision: expected + 1, ..next } }))
    }

    async fn offer(&self, user: &User) -> Result<Option<(Totp, Vec<String>)>, Error> {
        let offer: Option<Offer> = self.db.get(offer_key(user.id)).await?;
        let Some(offer) = offer.filter(|offer| offer.expires_at_ms > self.now_ms()) else { return Ok(None) };
        let of = user.id.to_string();
        let totp = totp(self.sealer.open(&of, &offer.sealed_secret)?, &user.email)?;
        let codes = String::from_utf8(self.sealer.open(&of, &offer.sealed_codes)?).map_err(|_| Error::Corrupt)?;
        Ok(Some((totp, codes.split(' ').map(ToOwned::to_owned).collect())))
    }

    async fn wrong_code(&self, attempt: super::guard::Attempt, user: &User) -> Result<Error, Error> {
        Ok(match self.attempt_failed(attempt, user.actor()).await? {
            Some(seconds) => Error::TooMany { seconds },
            None => Error::invalid("code", "this code is not right, or it was used before"),
        })
    }
}

/// For tests of what is built on top: the code that an authenticator with this secret shows.
#[doc(hidden)]
#[must_use]
pub fn code_of(base32: &str, at_ms: i64) -> String {
    let secret = Secret::try_from_base32(base32).map(|secret| secret.as_bytes().to_vec()).unwrap_or_default();
    let at_s = u64::try_from(at_ms).unwrap_or(0) / 1_000;
    totp(secret, "account").map(|totp| totp.generate(at_s).to_string()).unwrap_or_default()
}
