//! Signing in: e-mail and password, then a code where there is a second factor.

use domain::audit::{Actor, Origin};

use super::{challenge::Challenge, guard::Attempt};
use crate::{
    Error, Gate, SignedIn, Token,
    access::{Inner, fold},
    db::key,
    users::User,
};

/// Why a sign-in was refused: the same for unknown and known addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignInRefusal {
    #[error("this e-mail and password do not belong together")]
    Wrong,
    /// Also for a code that was used already.
    #[error("this code is not right, or it was used before; wait for the next one")]
    WrongCode,
    /// The account, whether there is one or not.
    #[error("too many attempts; try again in {seconds} s")]
    Locked { seconds: u32 },
    /// Whoever comes from this network address.
    #[error("too many attempts from your network; try again in {seconds} s")]
    TooManyHere { seconds: u32 },
}

/// What the right password leads to.
#[derive(Debug)]
pub enum Entrance {
    SignedIn(Box<SignedIn>),
    /// A code is asked for; the token presents that the password was right, for some minutes.
    CodeNeeded(Token),
}

impl Entrance {
    #[must_use]
    pub fn signed_in(self) -> Option<SignedIn> {
        match self {
            Self::SignedIn(signed_in) => Some(*signed_in),
            Self::CodeNeeded(_) => None,
        }
    }
}

impl Gate {
    /// Checks e-mail and password, after the same work for unknown, blocked and known accounts.
    pub async fn sign_in(
        &self,
        email: &str,
        password: &str,
        origin: Origin,
    ) -> Result<Result<Entrance, SignInRefusal>, Error> {
        let inner = &*self.inner;
        let now_ms = inner.now_ms();
        if let Err(seconds) = inner.sign_in_limiter.take(&origin.address, now_ms) {
            return Ok(Err(SignInRefusal::TooManyHere { seconds }));
        }
        // Before the attempt is counted: who is sent away because it is crowded has not failed.
        let place = inner.hasher.place()?;
        let folded = fold(email);
        let attempt = match inner.begin_attempt(&folded, &origin).await? {
            Ok(attempt) => attempt,
            Err(seconds) => return Ok(Err(SignInRefusal::Locked { seconds })),
        };
        let user = inner.user_who_signs_in(&folded).await?;
        let stored = user.as_ref().and_then(|user| user.password_hash.clone());
        let matches = inner.hasher.verify(place, password.to_owned(), stored).await?;
        let Some(user) = user.filter(|user| matches && user.blocked_at_ms.is_none()) else {
            return Ok(Err(match inner.attempt_failed(attempt, Actor::Unknown).await? {
                Some(seconds) => SignInRefusal::Locked { seconds },
                None => SignInRefusal::Wrong,
            }));
        };
        inner.sign_in_limiter.give_back(&origin.address);
        inner.enter_after_password(user, origin, Some(&attempt)).await.map(Ok)
    }

    /// The second step. [`Error::SignedOut`] when the first one was not made, or too long ago.
    pub async fn sign_in_with_code(
        &self,
        challenge: &Token,
        code: &str,
        origin: Origin,
    ) -> Result<Result<SignedIn, SignInRefusal>, Error> {
        let inner = &*self.inner;
        if let Err(seconds) = inner.sign_in_limiter.take(&origin.address, inner.now_ms()) {
            return Ok(Err(SignInRefusal::TooManyHere { seconds }));
        }
        let user = inner.challenged(challenge).await?;
        let attempt = match inner.begin_attempt(&user.email, &origin).await? {
            Ok(attempt) => attempt,
            Err(seconds) => return Ok(Err(SignInRefusal::Locked { seconds })),
        };
        let actor = user.actor();
        if let Some(accepted) = inner.accept_code(user.id, code).await? {
            let entered = inner
                .open_session(user, origin.clone(), |tx| {
                    accepted.put(tx);
                    attempt.succeeded(tx);
                    Challenge::consume(tx, challenge);
                })
                .await;
            match entered {
                Ok(signed_in) => {
                    inner.sign_in_limiter.give_back(&origin.address);
                    return Ok(Ok(signed_in));
                }
                // Somebody was faster with the same code.
                Err(Error::Moved) => {}
                Err(other) => return Err(other),
            }
        }
        Ok(Err(match inner.attempt_failed(attempt, actor).await? {
            Some(seconds) => SignInRefusal::Locked { seconds },
            None => SignInRefusal::WrongCode,
        }))
    }

    /// Whether the first step of signing in was made with this token, and holds.
    pub async fn is_challenged(&self, challenge: &Token) -> Result<(), Error> {
        self.inner.challenged(challenge).await.map(drop)
    }
}

impl Inner {
    /// The rest of the way in for somebody whose password was right or has just been set.
    pub(crate) async fn enter_after_password(
        &self,
        user: User,
        origin: Origin,
        attempt: Option<&Attempt>,
    ) -> Result<Entrance, Error> {
        if user.second_factor {
            // Failures of codes add to those of passwords, or who knows the password could guess on and on.
            if let Some(attempt) = attempt {
                self.take_back(attempt).await?;
            }
            return self.challenge(&user).await.map(Entrance::CodeNeeded);
        }
        let open = self.open_session(user, origin, |tx| {
            if let Some(attempt) = attempt {
                attempt.succeeded(tx);
            }
        });
        Ok(Entrance::SignedIn(Box::new(open.await?)))
    }

    /// The account of an address, in two readings whether there is one or not.
    async fn user_who_signs_in(&self, folded_email: &str) -> Result<Option<User>, Error> {
        let user = self.user_by_email(folded_email).await?;
        if user.is_none() {
            let _nobody: Option<User> = self.db.get(key::global("user", "nobody")).await?;
        }
        Ok(user)
    }

    /// The password of somebody who is signed in, asked for again before something that a stolen session must not do.
    pub(crate) async fn prove_password(&self, user: &User, password: &str, origin: &Origin) -> Result<Attempt, Error> {
        let place = self.hasher.place()?;
        let attempt = self.begin_attempt(&user.email, origin).await?.map_err(|seconds| Error::TooMany { seconds })?;
        if self.hasher.verify(place, password.to_owned(), user.password_hash.clone()).await? {
            return Ok(attempt);
        }
        Err(match self.attempt_failed(attempt, user.actor()).await? {
            Some(seconds) => Error::TooMany { seconds },
            None => Error::invalid("current_password", "this is not your password"),
        })
    }
}
