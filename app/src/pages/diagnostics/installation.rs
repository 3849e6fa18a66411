//! `/installation/diagnostics`: what is in order and what is not, and what to do about it.

use leptos::prelude::*;

use super::findings::Findings;
use crate::{api::diagnostics::diagnostics, ui::prelude::*};

#[component]
pub fn Diagnostics() -> impl IntoView {
    let loaded = Resource::new(|| (), |()| diagnostics());
    view! {
        <PageHeading
            title="Diagnostics"
            lead="Whether everything that Message Center needs is there, and what to do where it is not."
        >
            <LinkButton href="/installation/diagnostics" kind=ButtonKind::Secondary external=true>"Look again"</LinkButton>
        </PageHeading>
        <Suspense fallback=|| view! { <Loading label="Looking at everything, which takes some seconds"/> }>
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
}
