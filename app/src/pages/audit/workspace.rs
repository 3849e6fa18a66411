//! `/w/{slug}/audit`: everything that was done in a workspace.

use domain::permission::Permission;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{filters, log::Log, words::OF_WORKSPACES};
use crate::{api::audit::audit_log, error::AppError, pages::layout::use_workspace, ui::prelude::*};

#[component]
pub fn WorkspaceAudit() -> impl IntoView {
    let workspace = use_workspace();
    if !workspace.may(Permission::ViewAudit) {
        return view! { <ErrorView error=AppError::Forbidden/> }.into_any();
    }
    let params = use_query_map();
    let query = Memo::new(move |_| params.with(filters::read));
    let slug = workspace.slug.clone();
    let log = Resource::new(
        move || query.get(),
        move |query| {
            let slug = slug.clone();
            async move { audit_log(slug, query).await }
        },
    );
    view! {
        <PageHeading title="Audit"/>
        <Log path=workspace.path("/audit") query groups=OF_WORKSPACES log/>
    }
    .into_any()
}
