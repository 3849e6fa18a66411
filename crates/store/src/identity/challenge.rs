//! Between password and code: a token of a few minutes, bound to the account as it was.

use domain::id::UserId;
use serde::{Deserialize, Serialize};
use surrealdb::types::RecordId;

use crate::{
    Error, Token,
    access::{Inner, with},
    db::{Tx, key, tx::Columns},
    users::User,
};

pub(super) const LIFE_MS: i64 = 5 * 60_000;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Challenge {
    user: UserId,
    /// A changed password, or another second factor, makes it void.
    user_revision: u64,
    pub(super) expires_at_ms: i64,
}

impl Columns for Challenge {}

fn challenge_key(token: &Token) -> RecordId {
    key::global("sign_in_challenge", token.hash())
}

impl Challenge {
    /// Of two with the same token and right codes, one gets through.
    pub(super) fn consume(tx: &mut Tx, token: &Token) {
        tx.delete_existing(challenge_key(token));
    }
}

impl Inner {
    pub(super) async fn challenge(&self, user: &User) -> Result<Token, Error> {
        let token = Token::new()?;
        let challenge =
            Challenge { user: user.id, user_revision: user.revision, expires_at_ms: self.now_ms() + LIFE_MS };
        self.db.transact(|| with(|tx| tx.create(challenge_key(&token), &challenge))).await?;
        Ok(token)
    }

    /// Whose password was given.
    pub(super) async fn challenged(&self, token: &Token) -> Result<User, Error> {
        let challenge: Challenge = self.db.get(challenge_key(token)).await?.ok_or(Error::SignedOut)?;
        if challenge.expires_at_ms <= self.now_ms() {
            return Err(Error::SignedOut);
        }
        self.user(challenge.user)
            .await?
            .filter(|user| user.revision == challenge.user_revision && user.blocked_at_ms.is_none())
            .ok_or(Error::SignedOut)
    }
}
