//! So many in a while, for each of a bounded number of names.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

const NAMES_MAX: usize = 10_000;

/// Counts in memory: after a restart everybody begins anew.
#[derive(Debug)]
pub(super) struct Limiter {
    most: u32,
    window_ms: i64,
    counted: Mutex<HashMap<String, Window>>,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    began_at_ms: i64,
    count: u32,
}

impl Limiter {
    pub(super) fn new(most: u32, window_ms: i64) -> Self {
        Self { most, window_ms, counted: Mutex::default() }
    }

    /// Counts one more; Err with the milliseconds until the next is let through.
    pub(super) fn take(&self, name: &str, now_ms: i64) -> Result<(), i64> {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let over = |window: &Window| now_ms >= window.began_at_ms + self.window_ms;
        match counted.get_mut(name).filter(|window| !over(window)) {
            Some(window) if window.count >= self.most => return Err(window.began_at_ms + self.window_ms - now_ms),
            Some(window) => window.count += 1,
            None => {
                if counted.len() >= NAMES_MAX {
                    counted.retain(|_, window| !over(window));
                }
                if counted.len() >= NAMES_MAX {
                    let oldest = counted.iter().min_by_key(|(_, window)| window.began_at_ms);
                    if let Some(oldest) = oldest.map(|(name, _)| name.clone()) {
                        counted.remove(&oldest);
                    }
                }
                counted.insert(name.to_owned(), Window { began_at_ms: now_ms, count: 1 });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_and_no_more_until_the_window_is_over() {
        let limiter = Limiter::new(2, 1_000);
        assert_eq!((limiter.take("a", 0), limiter.take("a", 400), limiter.take("b", 400)), (Ok(()), Ok(()), Ok(())));
        assert_eq!(limiter.take("a", 600), Err(400));
        assert_eq!(limiter.take("a", 1_000), Ok(()));
    }

    #[test]
    fn names_are_bounded() {
        let limiter = Limiter::new(1, i64::MAX / 2);
        for name in 0..NAMES_MAX + 10 {
            limiter.take(&name.to_string(), 0).unwrap();
        }
        assert_eq!(limiter.counted.lock().unwrap().len(), NAMES_MAX);
    }
}
