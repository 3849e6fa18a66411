//! The campaigns of all workspaces.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{
    CAMPAIGNS, MasterTab, MasterTabs,
    across::{self, Campaigns, Filters},
};
use crate::{api::master::master_campaigns, ui::prelude::*};

#[component]
pub fn MasterCampaigns() -> impl IntoView {
    let params = use_query_map();
    let query = Memo::new(move |_| params.with(across::read));
    let loaded = Resource::new(move || query.get(), master_campaigns);
    view! {
        <PageHeading title="Campaigns of all workspaces" lead="Newest first, of every workspace that is not archived."/>
        <MasterTabs current=MasterTab::Campaigns/>
        <Filters path=CAMPAIGNS query of_one=true/>
        <Transition fallback=|| view! { <Loading label="Loading the campaigns"/> }>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok(list) => {
                        view! { <Campaigns path=CAMPAIGNS list query=query.get_untracked() nothing="No campaign matches"/> }
                            .into_any()
                    }
                    Err(error) => {
                        view! { <Panel><LoadError error retry=Callback::new(move |()| loaded.refetch())/></Panel> }
                            .into_any()
                    }
                }
            })}
        </Transition>
    }
}
