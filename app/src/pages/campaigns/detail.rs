//! The page of one campaign.

use domain::campaign::Status;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::{
    actions::ActionBar,
    audit::AuditTab,
    exports::ExportTab,
    job_errors::JobErrorsTab,
    live::Live,
    message_errors::MessageErrorsTab,
    parameters::ParametersTab,
    progress::ProgressPanel,
    recipients::RecipientsTab,
    restoring::Provenance,
    status::sentence,
    tab::{Section, TabState},
};
use crate::{
    api::campaigns::{
        detail::{CampaignView, campaign},
        short_id,
    },
    pages::{layout::use_workspace, moderation::DecisionBar},
    state::query::name_of,
    ui::prelude::*,
};

#[component]
pub fn CampaignDetail() -> impl IntoView {
    let slug = use_workspace().slug;
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").unwrap_or_default()));
    let owned = slug.clone();
    let loaded = Resource::new(
        move || id.get(),
        move |id| {
            let slug = owned.clone();
            async move { campaign(slug, id).await }
        },
    );
    let tab = TabState::new(slug.clone(), id);
    view! {
        <Transition fallback=|| view! { <Loading label="Loading the campaign"/> }>
            {move || {
                let slug = slug.clone();
                Suspend::new(async move {
                    match loaded.await {
                        Ok(view) => view! { <Loaded slug view tab/> }.into_any(),
                        Err(error) => view! { <ErrorView error/> }.into_any(),
                    }
                })
            }}
        </Transition>
    }
}

#[component]
fn Loaded(slug: String, view: CampaignView, tab: TabState) -> impl IntoView {
    let live = Live::new(slug, view);
    let title = Signal::derive(move || {
        live.view.with(|view| if view.name.is_empty() { "Untitled".to_owned() } else { view.name.clone() })
    });
    let shows_progress = Memo::new(move |_| {
        live.view.with(|view| !matches!(view.status, Status::Draft | Status::New) && view.progress.total() > 0)
    });
    view! {
        <Breadcrumbs crumbs=vec![Crumb::new("Campaigns", live.slug.with_value(|slug| format!("/w/{slug}/campaigns")))]/>
        <PageHeading title lead=format!("Campaign {}", short_id(&live.id()))>
            <ActionBar live/>
        </PageHeading>
        <Standing live/>
        <DecisionBar live/>
        <Show when=move || shows_progress.get()>
            <ProgressPanel live/>
        </Show>
        <Sections live tab/>
    }
}

/// Status and what it means; what a moderator said; that the campaign is archived.
#[component]
fn Standing(live: Live) -> impl IntoView {
    let status = Memo::new(move |_| live.view.with(|view| view.status));
    let words = Memo::new(move |_| live.view.with(sentence));
    let rejected = Memo::new(move |_| {
        live.view.with(|view| {
            let decision = view.decision.as_ref().filter(|decision| !decision.approved)?;
            decision.note.as_ref().map(|note| (decision.by.clone(), decision.version, note.clone()))
        })
    });
    let archived = Memo::new(move |_| {
        live.view.with(|view| view.archived.as_ref().filter(|_| view.moved.is_none()).map(|at| at.local.clone()))
    });
    let self_approved = Memo::new(move |_| {
        live.view.with(|view| view.approval.as_ref().is_some_and(|approval| approval.self_approval))
    });
    let data_removed = Memo::new(move |_| live.view.with(|view| view.data_removed.as_ref().map(|at| at.local.clone())));
    view! {
        <div class="flex flex-wrap items-center gap-x-3 gap-y-1">
            {move || view! { <CampaignBadge status=status.get()/> }}
            <p role="status" class="min-w-0">{move || words.get()}</p>
        </div>
        {move || {
            live.lost
                .get()
                .map(|error| {
                    view! {
                        <Alert tone=Tone::Warning title="What is shown may be out of date">
                            <p>{error.to_string()}</p>
                        </Alert>
                    }
                })
        }}
        {move || {
            archived
                .get()
                .map(|at| {
                    view! {
                        <Alert tone=Tone::Neutral title="Archived">
                            <p>{format!("Since {at}. Its records are kept; restoring puts it back into the list.")}</p>
                        </Alert>
                    }
                })
        }}
        <Provenance live/>
        {move || {
            data_removed
                .get()
                .map(|at| {
                    view! {
                        <Alert tone=Tone::Neutral title=format!("Recipient data removed on {at}")>
                            <p>"It had been kept as long as the settings of the workspace say. The figures stay."</p>
                        </Alert>
                    }
                })
        }}
        {move || {
            rejected
                .get()
                .map(|(by, version, note)| {
                    view! {
                        <Alert tone=Tone::Warning title=format!("{by} rejected version {version}")>
                            <p class="whitespace-pre-wrap">{note}</p>
                        </Alert>
                    }
                })
        }}
        {move || {
            self_approved
                .get()
                .then(|| {
                    view! {
                        <Alert tone=Tone::Warning title="Approved by somebody who worked on it">
                            <p>"The four-eyes rule of this workspace was off at that time. The audit log says so too."</p>
                        </Alert>
                    }
                })
        }}
    }
}

#[component]
fn Sections(live: Live, tab: TabState) -> impl IntoView {
    let section = Memo::new(move |_| tab.query.get().section);
    let failed = Memo::new(move |_| live.view.with(|view| u32::try_from(view.progress.failed).unwrap_or(u32::MAX)));
    let rejected = Memo::new(move |_| {
        live.view.with(|view| {
            let invalid = view.report.map_or(0, |report| report.invalid);
            u32::try_from(invalid).unwrap_or(u32::MAX)
        })
    });
    let (may_audit, may_export) = live.view.with_untracked(|view| (view.may_audit, view.may_export));
    let tabs = move || {
        Section::ALL
            .into_iter()
            .filter(|section| *section != Section::Audit || may_audit)
            .filter(|section| *section != Section::Export || may_export)
            .map(|each| {
                let query = if each == Section::Parameters { String::new() } else { format!("?tab={}", name_of(each)) };
                let tab = Tab::new(each.label(), live.href(&query), each == section.get());
                match each {
                    Section::JobErrors => tab.count(rejected),
                    Section::MessageErrors => tab.count(failed),
                    _ => tab,
                }
            })
            .collect::<Vec<_>>()
    };
    view! {
        {move || view! { <Tabs label="Parts of the campaign" tabs=tabs()/> }}
        {move || match section.get() {
            Section::Parameters => view! { <ParametersTab live/> }.into_any(),
            Section::Recipients => view! { <RecipientsTab live tab/> }.into_any(),
            Section::JobErrors => view! { <JobErrorsTab live tab/> }.into_any(),
            Section::MessageErrors => view! { <MessageErrorsTab live tab/> }.into_any(),
            Section::Export => view! { <ExportTab live tab/> }.into_any(),
            Section::Audit => view! { <AuditTab live tab/> }.into_any(),
        }}
    }
}
