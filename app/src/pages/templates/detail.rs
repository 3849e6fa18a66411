//! One template: its versions, and the form for the next one.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::{
    new::TemplateText,
    version::{Deciding, VersionEntry},
};
use crate::{
    api::templates::{ArchiveTemplate, TemplateView, WriteTemplate, template},
    error::AppError,
    pages::layout::use_workspace,
    ui::prelude::*,
};

#[component]
pub fn TemplateDetail() -> impl IntoView {
    let workspace = use_workspace();
    let slug = workspace.slug.clone();
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").unwrap_or_default()));
    let write = ServerAction::<WriteTemplate>::new();
    let archive = ServerAction::<ArchiveTemplate>::new();
    let deciding = Deciding::new();
    let shown = Resource::new(
        move || (id.get(), write.version().get(), deciding.versions()),
        move |(id, ..)| template(slug.clone(), id),
    );
    view! {
        <Transition fallback=|| view! { <Loading label="Loading the template"/> }>
            {move || Suspend::new(async move {
                match shown.await {
                    Ok(view) => view! { <Loaded view write archive deciding/> }.into_any(),
                    Err(error) => view! { <ErrorView error/> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn Loaded(
    view: TemplateView,
    write: ServerAction<WriteTemplate>,
    archive: ServerAction<ArchiveTemplate>,
    deciding: Deciding,
) -> impl IntoView {
    let workspace = use_workspace();
    let TemplateView { id, name, archived, versions, may_write, may_archive } = view;
    let slug = workspace.slug.clone();
    let newest = versions.first().map(|version| (version.number, version.text.clone()));
    let refused = deciding.refused();
    let put_away = may_archive.then(|| view! { <Archive slug=slug.clone() id=id.clone() name=name.clone() archive/> });
    let form = newest.filter(|_| may_write).map(|(seen, text)| {
        view! { <Write slug=slug.clone() id=id.clone() seen text write/> }
    });
    let (entry_slug, entry_id) = (slug.clone(), id.clone());
    view! {
        <Breadcrumbs crumbs=vec![Crumb::new("Templates", workspace.path("/templates"))]/>
        <PageHeading title=name>{put_away}</PageHeading>
        {archived
            .map(|moment| {
                view! {
                    <Alert tone=Tone::Neutral>
                        "Archived " <When moment/> ". It is not offered for campaigns; its name can be used again."
                    </Alert>
                }
            })}
        {move || {
            refused
                .get()
                .map(|error| view! { <Alert tone=Tone::Danger><p>{error.in_full()}</p></Alert> })
        }}
        <div class="grid items-start gap-5 xl:grid-cols-2">
            <Panel title="Versions">
                <ol class="flex flex-col gap-6">
                    {versions
                        .into_iter()
                        .map(|version| {
                            let (slug, id) = (entry_slug.clone(), entry_id.clone());
                            view! { <li><VersionEntry slug id version deciding/></li> }
                        })
                        .collect_view()}
                </ol>
            </Panel>
            {form}
        </div>
    }
}

#[component]
fn Write(slug: String, id: String, seen: u32, text: String, write: ServerAction<WriteTemplate>) -> impl IntoView {
    let refused: Signal<Option<AppError>> = Signal::derive(move || write.value().get().and_then(Result::err));
    let error = Signal::derive(move || refused.get().and_then(|error| error.field_error("text")));
    let text = RwSignal::new(text);
    view! {
        <Panel title="New version">
            <p class="mb-4 text-muted">"Earlier versions stay as they are, and so do the campaigns that use them."</p>
            <ActionForm action=write attr:class="flex flex-col gap-5">
                <ErrorSummary error=refused/>
                <Hidden name="slug" value=slug/>
                <Hidden name="id" value=id/>
                <Hidden name="seen" value=seen.to_string()/>
                <TemplateText text error/>
                <Checkbox name="ask" label="Ask the moderators to approve it"/>
                <div>
                    <Button busy=write.pending()>"Save as a new version"</Button>
                </div>
            </ActionForm>
        </Panel>
    }
}

#[component]
fn Archive(slug: String, id: String, name: String, archive: ServerAction<ArchiveTemplate>) -> impl IntoView {
    view! {
        <DialogOpen id="archive-template" kind=ButtonKind::Secondary small=true>"Archive"</DialogOpen>
        <Dialog id="archive-template" title=format!("Archive “{name}”?")>
            <p>"It is not offered for campaigns any more. Those that use its text stay as they are."</p>
            <ActionForm action=archive>
                <Hidden name="slug" value=slug/>
                <Hidden name="id" value=id/>
                <div class="dialog-actions">
                    <Button kind=ButtonKind::Danger busy=archive.pending()>"Archive"</Button>
                    <DialogClose id="archive-template"/>
                </div>
            </ActionForm>
        </Dialog>
    }
}
