//! When the use of a key was noted last, so that not every request has to ask.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use domain::id::ApiKeyId;

/// Keys that are remembered.
const KEYS_MAX: usize = 10_000;

#[derive(Debug, Default)]
pub(crate) struct Touches(Mutex<HashMap<ApiKeyId, i64>>);

impl Touches {
    /// True once in each span of `every_ms`, for whoever asks first.
    pub(super) fn is_due(&self, key: ApiKeyId, now_ms: i64, every_ms: i64) -> bool {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.get(&key).is_some_and(|&at_ms| (at_ms..at_ms + every_ms).contains(&now_ms)) {
            return false;
        }
        if noted.len() >= KEYS_MAX {
            noted.clear();
        }
        noted.insert(key, now_ms);
        true
    }
}
