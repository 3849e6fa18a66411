//! What somebody typed into a form that was refused where no script has kept it. The server keeps it for a minute in its
//! memory, and the page to which the refusal leads back is rendered with it, once: neither an address nor a cookie is a place
//! for it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use axum::http::request::Parts;
use leptos::{context::use_context, server_fn::ServerFn as _};

use crate::api::registry::{brands, numbers, staff};

/// The functions whose forms are kept, by their paths. None of them takes a secret.
pub const FUNCTIONS: [&str; 5] = [
    brands::CreateBrand::PATH,
    brands::ChangeBrand::PATH,
    numbers::AddTendlcNumbers::PATH,
    numbers::AssignTendlcNumbers::PATH,
    staff::AssignStaff::PATH,
];

const KEPT_MS: i64 = 60_000;
/// Of all people together. The oldest goes first.
const FORMS_MAX: usize = 200;
/// The longest form that is kept, as it was sent.
pub const OCTETS_MAX: usize = 64 * 1024;

/// The fields of one refused form.
#[derive(Debug, Clone)]
pub struct Typed {
    path: Arc<str>,
    fields: Arc<[(String, String)]>,
}

impl Typed {
    /// As it was sent: `a=1&b=2`.
    #[must_use]
    pub fn read(path: &str, body: &[u8]) -> Self {
        let fields = form_urlencoded::parse(body).map(|(name, value)| (name.into_owned(), value.into_owned()));
        Self { path: path.into(), fields: fields.collect() }
    }

    /// What the request for the page at hand brought back.
    #[must_use]
    pub(crate) fn of_page() -> Option<Self> {
        use_context::<Parts>()?.extensions.get::<Self>().cloned()
    }

    #[must_use]
    pub fn is_of(&self, path: &str) -> bool {
        *self.path == *path
    }

    /// Every value of a field, in their order.
    #[must_use]
    pub fn values(&self, name: &str) -> Vec<String> {
        self.fields.iter().filter(|(of, _)| of == name).map(|(_, value)| value.clone()).collect()
    }
}

/// The refused forms of the last minute, by the secret of the cookie that their pages ask with.
#[derive(Debug, Clone, Default)]
pub struct RefusedForms(Arc<Mutex<HashMap<String, (i64, Typed)>>>);

impl RefusedForms {
    pub fn keep(&self, secret: String, typed: Typed, now_ms: i64) {
        let mut forms = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        forms.retain(|_, (until_ms, _)| *until_ms > now_ms);
        if forms.len() >= FORMS_MAX
            && let Some(oldest) =
                forms.iter().min_by_key(|(_, (until_ms, _))| *until_ms).map(|(secret, _)| secret.clone())
        {
            forms.remove(&oldest);
        }
        forms.insert(secret, (now_ms + KEPT_MS, typed));
    }

    /// Once.
    #[must_use]
    pub fn take(&self, secret: &str, now_ms: i64) -> Option<Typed> {
        let mut forms = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        forms.remove(secret).filter(|(until_ms, _)| *until_ms > now_ms).map(|(_, typed)| typed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_comes_back_once_and_within_a_minute() {
        let forms = RefusedForms::default();
        let typed = Typed::read("/api/x", b"name=A+%26+B&tag%5B%5D=1&tag%5B%5D=2");
        assert_eq!((typed.values("name"), typed.values("tag[]").len()), (vec!["A & B".to_owned()], 2));
        assert!(typed.is_of("/api/x") && !typed.is_of("/api/y"));
        forms.keep("one".into(), typed.clone(), 0);
        assert!(forms.take("other", 1).is_none());
        assert!(forms.take("one", 1).is_some());
        assert!(forms.take("one", 2).is_none(), "once");
        forms.keep("late".into(), typed, 0);
        assert!(forms.take("late", KEPT_MS).is_none());
    }

    #[test]
    fn memory_is_bounded() {
        let forms = RefusedForms::default();
        for at in 0..FORMS_MAX + 10 {
            forms.keep(format!("{at}"), Typed::read("/api/x", b""), at as i64);
        }
        assert_eq!(forms.0.lock().unwrap().len(), FORMS_MAX);
        assert!(forms.take("0", 300).is_none() && forms.take(&format!("{}", FORMS_MAX + 9), 300).is_some());
    }
}
