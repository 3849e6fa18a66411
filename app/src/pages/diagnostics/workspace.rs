//! `/w/{slug}/diagnostics`: whether what the campaigns of the workspace need is in order.

use domain::permission::Permission;
use leptos::prelude::*;

use super::findings::Findings;
use crate::{
    api::diagnostics::workspace::workspace_diagnostics, error::AppError, pages::layout::use_workspace, ui::prelude::*,
};

#[component]
pub fn WorkspaceDiagnosticsPage() -> impl IntoView {
    let workspace = use_workspace();
    if !workspace.may(Permission::ViewDiagnostics) {
        return view! { <ErrorView error=AppError::Forbidden/> }.into_any();
    }
    let again = workspace.path("/diagnostics");
    let slug = workspace.slug;
    let loaded = Resource::new(|| (), move |()| workspace_diagnostics(slug.clone()));
    view! {
        <PageHeading
            title="Diagnostics"
            lead="Whether what your campaigns need is in order: the database, the links by which they are sent, and so on."
        >
            <LinkButton href=again kind=ButtonKind::Secondary external=true>"Look again"</LinkButton>
        </PageHeading>
        <Suspense fallback=|| view! { <Loading label="Looking at everything"/> }>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok(view) => view! { <Findings view/> }.into_any(),
                    Err(error) => {
                        view! { <Panel><LoadError error retry=Callback::new(move |()| loaded.refetch())/></Panel> }
                            .into_any()
                    }
                }
            })}
        </Suspense>
    }
    .into_any()
}
