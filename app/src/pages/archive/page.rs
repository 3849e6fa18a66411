//! The archive.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::{
    api::master::archive,
    error::AppError,
    pages::master::across::{self, Campaigns, Filters},
    ui::prelude::*,
};

const PATH: &str = "/w/archive";

#[component]
pub fn Archive() -> impl IntoView {
    let params = use_query_map();
    let query = Memo::new(move |_| params.with(across::read));
    let loaded = Resource::new(move || query.get(), archive);
    view! {
        <Transition fallback=|| view! { <Loading label="Loading the archive"/> }>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok(list) => {
                        view! {
                            <PageHeading title="Archive" lead="Archived campaigns of all your workspaces. Open one to restore it."/>
                            <Filters path=PATH query/>
                            <Campaigns path=PATH list query=query.get_untracked() nothing="No archived campaign matches"/>
                        }
                            .into_any()
                    }
                    // Who is nothing but a moderator has none.
                    Err(error @ AppError::NotFound) => view! { <ErrorView error/> }.into_any(),
                    Err(error) => {
                        view! { <Panel><LoadError error retry=Callback::new(move |()| loaded.refetch())/></Panel> }
                            .into_any()
                    }
                }
            })}
        </Transition>
    }
}
