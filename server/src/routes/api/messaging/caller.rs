//! Who calls: a key of a workspace, or one of a person who works with the registry, and for which workspace.

use app::api::context;
use axum::{
    extract::FromRequestParts,
    http::{HeaderName, request::Parts},
};
use store::tendlc::{Action, Desk, Registrar, Sight};

use crate::{
    routes::api::{
        caller::{presented, take},
        problem::Problem,
    },
    state::AppState,
};

/// The workspace that is meant: its id or its slug.
const CUSTOMER: HeaderName = HeaderName::from_static("x-customer-id");

#[derive(Debug)]
pub struct RegistryCaller {
    registrar: Registrar,
    customer: Option<String>,
}

impl FromRequestParts<AppState> for RegistryCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let registrar = state.services.gate.enter_registry_key(&presented(parts)?, context::origin(parts)).await?;
        if let Some(key) = registrar.key() {
            take(parts, state, key.id)?;
        }
        if parts.headers.get_all(CUSTOMER).iter().count() > 1 {
            return Err(Problem::parameter("X-Customer-ID", "It comes once: one workspace, by its id or its slug."));
        }
        let customer = match parts.headers.get(CUSTOMER) {
            None => None,
            Some(value) => {
                let text = value.to_str().map(str::trim).ok().filter(|text| !text.is_empty());
                let text = text.ok_or_else(|| Problem::parameter("X-Customer-ID", "An id or a slug is expected."))?;
                Some(text.to_owned())
            }
        };
        Ok(Self { registrar, customer })
    }
}

impl RegistryCaller {
    pub fn customer(&self) -> Option<&str> {
        self.customer.as_deref()
    }

    pub const fn registrar(&self) -> &Registrar {
        &self.registrar
    }

    /// For lists: all that is seen, or the one workspace that is named.
    pub async fn sight(&self) -> Result<Sight, Problem> {
        Ok(self.registrar.sight(self.customer()).await?)
    }

    /// Where something new is done.
    pub async fn choose<A: Action>(&self) -> Result<Desk, Problem> {
        self.registrar.check_key::<A>()?;
        if *self.registrar.visible() == domain::tendlc::Visible::None {
            return Err(Problem::forbidden(
                "NO_CUSTOMER_ACCESS",
                "No workspace is assigned to you; a super admin can assign one.",
            ));
        }
        Ok(self.registrar.choose(self.customer()).await?)
    }

    /// The key has to be made for it, whatever it is about.
    pub fn check<A: Action>(&self) -> Result<(), Problem> {
        Ok(self.registrar.check_key::<A>()?)
    }
}
