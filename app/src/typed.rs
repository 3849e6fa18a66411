//! What somebody typed into a form that was refused where no script has kept it. The server keeps it for a minute in its
//! memory, and the page to which the refusal leads back is rendered with it, once, for the same session: neither an address
//! nor a cookie is a place for it.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, RandomState},
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

/// For whom and for which page a form is kept: whoever is signed in by another session does not get it, and neither does
/// another page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whose {
    /// The session by a number that says nothing of its token; None: nobody is signed in.
    session: Option<u64>,
    /// The path of the page that the refusal leads back to.
    page: String,
}

/// The refused forms of the last minute, by the secret of the cookie that their pages ask with.
#[derive(Debug, Clone, Default)]
pub struct RefusedForms {
    kept: Arc<Mutex<HashMap<String, Refused>>>,
    /// Numbers of sessions are of this process.
    numbers: RandomState,
}

/// As it was sent: read when it is asked for, since fields take many times as much.
#[derive(Debug)]
struct Refused {
    until_ms: i64,
    whose: Whose,
    path: String,
    body: Bytes,
}

impl RefusedForms {
    /// `token`: of the session that asks; `page`: the path.
    #[must_use]
    pub fn whose(&self, token: Option<&str>, page: &str) -> Whose {
        Whose { session: token.map(|token| self.numbers.hash_one(token)), page: page.to_owned() }
    }

    pub fn keep(&self, secret: String, whose: Whose, path: String, body: Bytes, now_ms: i64) {
        let mut forms = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        forms.retain(|_, form| form.until_ms > now_ms);
        if forms.len() >= FORMS_MAX
            && let Some(oldest) = forms.iter().min_by_key(|(_, form)| form.until_ms).map(|(secret, _)| secret.clone())
        {
            forms.remove(&oldest);
        }
        forms.insert(secret, Refused { until_ms: now_ms + KEPT_MS, whose, path, body });
    }

    /// Once, and for whom and where it was kept.
    #[must_use]
    pub fn take(&self, secret: &str, whose: &Whose, now_ms: i64) -> Option<Typed> {
        let mut forms = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        forms.retain(|_, form| form.until_ms > now_ms);
        if forms.get(secret).is_none_or(|form| form.whose != *whose) {
            return None;
        }
        let form = forms.remove(secret)?;
        drop(forms);
        Some(Typed::read(&form.path, &form.body))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(forms: &RefusedForms, secret: &str, at_ms: i64) {
        let body = Bytes::from_static(b"name=A+%26+B&tag%5B%5D=1&tag%5B%5D=2");
        forms.keep(secret.to_owned(), forms.whose(Some("token"), "/page"), "/api/x".to_owned(), body, at_ms);
    }

    fn taken(forms: &RefusedForms, secret: &str, at_ms: i64) -> Option<Typed> {
        forms.take(secret, &forms.whose(Some("token"), "/page"), at_ms)
    }

    #[test]
    fn a_form_comes_back_once_and_within_a_minute() {
        let forms = RefusedForms::default();
        kept(&forms, "one", 0);
        assert!(taken(&forms, "other", 1).is_none());
        let typed = taken(&forms, "one", 1).unwrap();
        assert_eq!((typed.values("name"), typed.values("tag[]").len()), (vec!["A & B".to_owned()], 2));
        assert!(typed.is_of("/api/x") && !typed.is_of("/api/y"));
        assert!(taken(&forms, "one", 2).is_none(), "once");
        kept(&forms, "late", 0);
        assert!(taken(&forms, "late", KEPT_MS).is_none());
    }

    #[test]
    fn a_form_comes_back_to_its_session_and_its_page_alone() {
        let forms = RefusedForms::default();
        kept(&forms, "one", 0);
        for (token, page) in [(Some("another"), "/page"), (None, "/page"), (Some("token"), "/other")] {
            assert!(forms.take("one", &forms.whose(token, page), 1).is_none(), "{token:?} {page}");
        }
        assert!(taken(&forms, "one", 1).is_some(), "nobody else's asking takes it away");
    }

    #[test]
    fn memory_is_bounded() {
        let forms = RefusedForms::default();
        for at_ms in 0..300 {
            kept(&forms, &format!("{at_ms}"), at_ms);
        }
        assert_eq!(forms.kept.lock().unwrap().len(), FORMS_MAX);
        assert!(taken(&forms, "0", 300).is_none() && taken(&forms, "299", 300).is_some());
        assert!(taken(&forms, "298", 298 + KEPT_MS).is_none());
        assert!(forms.kept.lock().unwrap().is_empty(), "what nobody fetched goes, too");
    }
}
