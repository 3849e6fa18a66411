//! Of all workspaces.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::table::{MonthUsage, read};
use crate::{
    api::usage::master_usage,
    pages::master::{MasterTab, MasterTabs, USAGE},
    ui::prelude::*,
};

#[component]
pub fn MasterUsage() -> impl IntoView {
    let params = use_query_map();
    let month = Memo::new(move |_| params.with(read));
    let loaded = Resource::new(move || month.get(), master_usage);
    view! {
        <PageHeading title="Usage of all workspaces" lead="Campaigns, messages and segments by month."/>
        <MasterTabs current=MasterTab::Usage/>
        <Transition fallback=|| view! { <Loading label="Counting"/> }>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok(usage) => view! { <MonthUsage path=USAGE.to_owned() who="Workspace" usage/> }.into_any(),
                    Err(error) => {
                        view! { <Panel><LoadError error retry=Callback::new(move |()| loaded.refetch())/></Panel> }
                            .into_any()
                    }
                }
            })}
        </Transition>
    }
}
