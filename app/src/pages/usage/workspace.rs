//! Of one workspace.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::table::{MonthUsage, read};
use crate::{api::usage::workspace_usage, error::AppError, pages::layout::use_workspace, ui::prelude::*};

#[component]
pub fn WorkspaceUsage() -> impl IntoView {
    let workspace = use_workspace();
    if !workspace.rules_it() {
        return view! { <ErrorView error=AppError::Forbidden/> }.into_any();
    }
    let params = use_query_map();
    let month = Memo::new(move |_| params.with(read));
    let slug = workspace.slug.clone();
    let loaded = Resource::new(move || month.get(), move |month| workspace_usage(slug.clone(), month));
    let path = StoredValue::new(workspace.path("/settings/usage"));
    view! {
        <Breadcrumbs crumbs=vec![Crumb::new("Settings", workspace.path("/settings"))]/>
        <PageHeading title="Usage" lead="Campaigns, messages and segments by month and sender."/>
        <Transition fallback=|| view! { <Loading label="Counting"/> }>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok(usage) => view! { <MonthUsage path=path.get_value() who="Sender" usage/> }.into_any(),
                    Err(error) => {
                        view! { <Panel><LoadError error retry=Callback::new(move |()| loaded.refetch())/></Panel> }
                            .into_any()
                    }
                }
            })}
        </Transition>
    }
    .into_any()
}
