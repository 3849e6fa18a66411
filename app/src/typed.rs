//! What somebody typed into a form that was refused where no script has kept it. The server keeps it for a minute in its
//! memory, and the page to which the refusal leads back is rendered with it, once: neither an address nor a cookie is a place
//! for it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{body::Bytes, http::request::Parts};
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
pub const OCTETS_MAX: u64 = 16 * 1024;

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
pub struct RefusedForms(Arc<Mutex<HashMap<String, Refused>>>);

/// As it was sent: read when it is asked for, since fields take many times as much.
#[derive(Debug)]
struct Refused {
    until_ms: i64,
    path: String,
    body: Bytes,
}

impl RefusedForms {
    pub fn keep(&self, secret: String, path: String, body: Bytes, now_ms: i64) {
        let mut forms = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        forms.retain(|_, form| form.until_ms > now_ms);
        if forms.len() >= FORMS_MAX
            && let Some(oldest) = forms.iter().min_by_key(|(_, form)| form.until_ms).map(|(secret, _)| secret.clone())
        {
            forms.remove(&oldest);
        }
        forms.insert(secret, Refused { until_ms: now_ms + KEPT_MS, path, body });
    }

    /// Once.
    #[must_use]
    pub fn take(&self, secret: &str, now_ms: i64) -> Option<Typed> {
        let mut forms = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = forms.remove(secret);
        forms.retain(|_, form| form.until_ms > now_ms);
        drop(forms);
        let form = found.filter(|form| form.until_ms > now_ms)?;
        Some(Typed::read(&form.path, &form.body))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(forms: &RefusedForms, secret: &str, at_ms: i64) {
        let body = Bytes::from_static(b"name=A+%26+B&tag%5B%5D=1&tag%5B%5D=2");
        forms.keep(secret.to_owned(), "/api/x".to_owned(), body, at_ms);
    }

    #[test]
    fn a_form_comes_back_once_and_within_a_minute() {
        let forms = RefusedForms::default();
        kept(&forms, "one", 0);
        assert!(forms.take("other", 1).is_none());
        let typed = forms.take("one", 1).unwrap();
        assert_eq!((typed.values("name"), typed.values("tag[]").len()), (vec!["A & B".to_owned()], 2));
        assert!(typed.is_of("/api/x") && !typed.is_of("/api/y"));
        assert!(forms.take("one", 2).is_none(), "once");
        kept(&forms, "late", 0);
        assert!(forms.take("late", KEPT_MS).is_none());
    }

    #[test]
    fn memory_is_bounded() {
        let forms = RefusedForms::default();
        for at_ms in 0..300 {
            kept(&forms, &format!("{at_ms}"), at_ms);
        }
        assert_eq!(forms.0.lock().unwrap().len(), FORMS_MAX);
        assert!(forms.take("0", 300).is_none() && forms.take("299", 300).is_some());
        assert!(forms.take("298", 298 + KEPT_MS).is_none());
        assert!(forms.0.lock().unwrap().is_empty(), "what nobody fetched goes, too");
    }
}
