//! Emptying a form when what it asked for is done, so that the next one begins anew.

use leptos::{html, prelude::*};

use crate::error::AppError;

/// Puts the fields back to what they were when the page came. What was refused stays as it was typed.
pub fn reset_when_done<I, O>(form: NodeRef<html::Form>, action: Action<I, Result<O, AppError>>)
where
    I: Send + Sync + 'static,
    O: Send + Sync + 'static,
{
    Effect::new(move |_| {
        action.version().track();
        let done = action.value().with_untracked(|value| matches!(value, Some(Ok(_))));
        if let Some(form) = form.get_untracked().filter(|_| done) {
            form.reset();
        }
    });
}
