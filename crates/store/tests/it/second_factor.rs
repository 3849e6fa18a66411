//! Codes of an authenticator and recovery codes, on a clock that is moved by hand.

use store::{
    Entrance, Error, SignInRefusal, Token,
    identity::second_factor::{self, code_of},
};

use crate::fixture::{self, Installation, PASSWORD, origin};

const EMAIL: &str = "author@acme.example";
const STEP_MS: i64 = 30_000;

/// An authenticator that is set up, and the recovery codes.
struct SetUp {
    secret: String,
    recovery: Vec<String>,
}

impl SetUp {
    fn code(&self, it: &Installation) -> String {
        code_of(&self.secret, it.gate.now_ms())
    }
}

async fn set_up(it: &Installation) -> SetUp {
    let token = it.sign_in(EMAIL).await.token;
    let who = it.gate.identify(&token, origin()).await.unwrap();
    second_factor::begin(&it.gate, &who).await.unwrap();
    let offer = second_factor::overview(&it.gate, &who).await.unwrap().offer.unwrap();
    assert!(offer.url.starts_with("otpauth://totp/Message%20Center:author"), "{}", offer.url);
    assert!(offer.url.contains(&offer.secret));
    let wrong = second_factor::confirm(&it.gate, &who, "000000").await;
    let right = code_of(&offer.secret, it.gate.now_ms());
    assert!(right == "000000" || matches!(wrong, Err(Error::Invalid { field: "code", .. })));
    second_factor::confirm(&it.gate, &who, &right).await.unwrap();
    let who = it.gate.identify(&token, origin()).await.unwrap();
    let overview = second_factor::overview(&it.gate, &who).await.unwrap();
    assert!(overview.offer.is_none(), "shown once");
    assert_eq!(overview.on, Some((it.gate.now_ms(), 10)));
    it.clock.advance(STEP_MS);
    SetUp { secret: offer.secret, recovery: offer.recovery_codes }
}

async fn password_given(it: &Installation) -> Token {
    match it.gate.sign_in(EMAIL, PASSWORD, origin()).await.unwrap().unwrap() {
        Entrance::CodeNeeded(challenge) => challenge,
        Entrance::SignedIn(_) => panic!("a code must be asked for"),
    }
}

async fn try_code(it: &Installation, challenge: &Token, code: &str) -> Result<(), SignInRefusal> {
    it.gate.sign_in_with_code(challenge, code, origin()).await.unwrap().map(drop)
}

#[tokio::test]
async fn the_code_of_the_moment_opens_once() {
    let it = fixture::in_memory().await;
    let factor = set_up(&it).await;
    let code = factor.code(&it);
    let challenge = password_given(&it).await;
    try_code(&it, &challenge, &code).await.unwrap();
    let used_up = it.gate.sign_in_with_code(&challenge, &code, origin()).await;
    assert!(matches!(used_up, Err(Error::SignedOut)), "a challenge is good for one session");
    let challenge = password_given(&it).await;
    assert_eq!(try_code(&it, &challenge, &code).await, Err(SignInRefusal::WrongCode), "a step counts once");
    it.clock.advance(STEP_MS);
    try_code(&it, &challenge, &factor.code(&it)).await.unwrap();
}

#[tokio::test]
async fn clocks_may_differ_by_a_step_and_no_more() {
    let it = fixture::in_memory().await;
    let factor = set_up(&it).await;
    it.clock.advance(10 * STEP_MS);
    let at = |steps: i64| code_of(&factor.secret, it.gate.now_ms() + steps * STEP_MS);
    let challenge = password_given(&it).await;
    for steps in [-2, 2] {
        assert_eq!(try_code(&it, &challenge, &at(steps)).await, Err(SignInRefusal::WrongCode), "{steps}");
    }
    try_code(&it, &challenge, &at(-1)).await.unwrap();
    let challenge = password_given(&it).await;
    try_code(&it, &challenge, &at(1)).await.unwrap();
}

#[tokio::test]
async fn each_recovery_code_opens_once() {
    let it = fixture::in_memory().await;
    let factor = set_up(&it).await;
    assert_eq!(factor.recovery.len(), 10);
    let challenge = password_given(&it).await;
    try_code(&it, &challenge, &factor.recovery[3].to_uppercase()).await.unwrap();
    let challenge = password_given(&it).await;
    assert_eq!(try_code(&it, &challenge, &factor.recovery[3]).await, Err(SignInRefusal::WrongCode));
    try_code(&it, &challenge, &factor.recovery[4].replace('-', " ")).await.unwrap();
}

#[tokio::test]
async fn wrong_codes_lock_the_account_whatever_is_known_of_the_password() {
    let it = fixture::in_memory().await;
    let factor = set_up(&it).await;
    let wrong = factor.recovery[0].chars().rev().collect::<String>();
    for _ in 0..2 {
        let challenge = password_given(&it).await;
        assert_eq!(try_code(&it, &challenge, &wrong).await, Err(SignInRefusal::WrongCode));
    }
    let challenge = password_given(&it).await;
    assert_eq!(try_code(&it, &challenge, &wrong).await, Err(SignInRefusal::Locked { seconds: 60 }));
    assert_eq!(try_code(&it, &challenge, &factor.code(&it)).await, Err(SignInRefusal::Locked { seconds: 60 }));
    let again = it.gate.sign_in(EMAIL, PASSWORD, origin()).await.unwrap();
    assert!(matches!(again, Err(SignInRefusal::Locked { .. })));
    it.clock.advance(60_000);
    try_code(&it, &password_given(&it).await, &factor.code(&it)).await.unwrap();
}

#[tokio::test]
async fn a_challenge_ends_after_five_minutes_and_with_the_password() {
    let it = fixture::in_memory().await;
    let factor = set_up(&it).await;
    let challenge = password_given(&it).await;
    it.clock.advance(5 * 60_000);
    let late = it.gate.sign_in_with_code(&challenge, &factor.code(&it), origin()).await;
    assert!(matches!(late, Err(Error::SignedOut)));

    let challenge = password_given(&it).await;
    let link = store::users::reset_link(&it.gate, EMAIL).await.unwrap();
    let entrance = it.gate.set_password(&link, "nine paper kites", origin()).await.unwrap();
    assert!(matches!(entrance, Entrance::CodeNeeded(_)), "a link replaces the password and not the second factor");
    let void = it.gate.sign_in_with_code(&challenge, &factor.code(&it), origin()).await;
    assert!(matches!(void, Err(Error::SignedOut)));
    let Entrance::CodeNeeded(challenge) = entrance else { unreachable!() };
    try_code(&it, &challenge, &factor.code(&it)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_with_the_same_code_at_once_one_gets_in() {
    let it = fixture::on_disk().await;
    let factor = set_up(&it).await;
    let (one, other) = (password_given(&it).await, password_given(&it).await);
    let code = factor.code(&it);
    let (first, second) = tokio::join!(try_code(&it, &one, &code), try_code(&it, &other, &code));
    assert_eq!(i32::from(first.is_ok()) + i32::from(second.is_ok()), 1, "{first:?} {second:?}");
}

#[tokio::test]
async fn turning_it_off_and_new_recovery_codes_take_password_and_code() {
    let it = fixture::in_memory().await;
    let factor = set_up(&it).await;
    let entered = it.gate.sign_in_with_code(&password_given(&it).await, &factor.code(&it), origin()).await;
    let token = entered.unwrap().unwrap().token;
    let session = it.gate.session(&token, origin()).await.unwrap();
    it.clock.advance(STEP_MS);

    let refused = second_factor::renew_codes(&it.gate, &session, "a wrong guess", &factor.code(&it)).await;
    assert!(matches!(refused, Err(Error::Invalid { field: "current_password", .. })));
    let renewed = second_factor::renew_codes(&it.gate, &session, PASSWORD, &factor.code(&it)).await.unwrap();
    assert_eq!(renewed.len(), 10);
    let refused = second_factor::disable(&it.gate, &session, PASSWORD, &factor.recovery[0]).await;
    assert!(matches!(refused, Err(Error::Invalid { field: "code", .. })), "the earlier codes are void");
    second_factor::disable(&it.gate, &session, PASSWORD, &renewed[0]).await.unwrap();
    it.sign_in(EMAIL).await;
}

#[tokio::test]
async fn an_offer_ends_after_a_quarter_of_an_hour() {
    let it = fixture::in_memory().await;
    let token = it.sign_in(EMAIL).await.token;
    let who = it.gate.identify(&token, origin()).await.unwrap();
    second_factor::begin(&it.gate, &who).await.unwrap();
    let offer = second_factor::overview(&it.gate, &who).await.unwrap().offer.unwrap();
    it.clock.advance(15 * 60_000);
    let late = second_factor::confirm(&it.gate, &who, &code_of(&offer.secret, it.gate.now_ms())).await;
    assert!(matches!(late, Err(Error::Stale { .. })));
    assert!(second_factor::overview(&it.gate, &who).await.unwrap().offer.is_none());
}
