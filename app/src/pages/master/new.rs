//! A new workspace, with its first admin and its first sender name.

use leptos::prelude::*;

use super::PATH;
use crate::{
    api::{
        account::{PlaceChoices, places},
        onboarding::{CreateWorkspace, OnboardedView},
    },
    error::AppError,
    pages::{account::slug_of, senders::AddressingFields},
    ui::prelude::*,
};

#[component]
pub fn NewWorkspace() -> impl IntoView {
    let create = ServerAction::<CreateWorkspace>::new();
    // A refusal leaves the form alone, with what was typed.
    let done = Memo::new(move |_| create.value().get().and_then(Result::ok));
    let choices = Resource::new(|| (), |()| places());
    view! {
        // Kept while the result is shown: what a form's fields look at must not go away in the middle of its answer.
        <div hidden=move || done.with(Option::is_some) class="flex flex-col gap-6">
            <Breadcrumbs crumbs=vec![Crumb::new("All workspaces", PATH)]/>
            <PageHeading title="New workspace" lead="A client or a department, with its first admin and its first sender name in one go."/>
            <Suspense fallback=|| view! { <Loading label="Loading time zones and countries"/> }>
                {move || Suspend::new(async move {
                    match choices.await {
                        Ok(places) => view! { <NewForm places create/> }.into_any(),
                        Err(error) => view! { <Alert tone=Tone::Danger>{error.to_string()}</Alert> }.into_any(),
                    }
                })}
            </Suspense>
        </div>
        {move || done.get().map(|done| view! { <Done done/> })}
    }
}

#[component]
fn NewForm(places: PlaceChoices, create: ServerAction<CreateWorkspace>) -> impl IntoView {
    let refused: Signal<Option<AppError>> = Signal::derive(move || create.value().get().and_then(Result::err));
    let error_of =
        move |field: &'static str| Signal::derive(move || refused.get().and_then(|error| error.field_error(field)));
    let display_name = RwSignal::new(String::new());
    let slug = RwSignal::new(String::new());
    // The address follows the name until somebody changes it.
    Effect::new(move |previous: Option<String>| {
        let proposed = slug_of(&display_name.get());
        if slug.get_untracked() == previous.unwrap_or_default() {
            slug.set(proposed.clone());
        }
        proposed
    });
    let zones = places.time_zones.into_iter().map(|name| Choice::new(name.clone(), name)).collect::<Vec<_>>();
    let countries = places.countries.into_iter().map(|(iso, name)| Choice::new(iso, name)).collect::<Vec<_>>();
    view! {
        <Panel>
            <ActionForm action=create attr:class="flex max-w-2xl flex-col gap-8">
                <ErrorSummary error=refused/>
                <fieldset class="flex flex-col gap-5">
                    <legend class="mb-3 text-lg font-semibold">"The workspace"</legend>
                    <TextField
                        name="display_name"
                        label="Name of the workspace"
                        bind=display_name
                        maxlength=80
                        error=error_of("display_name")
                    />
                    <TextField
                        name="slug"
                        label="Its address"
                        bind=slug
                        mono=true
                        maxlength=40
                        hint="2 to 40 of a-z, 0-9 and hyphens; it stands in every link: /w/…"
                        error=error_of("slug")
                    />
                    <div class="grid gap-5 sm:grid-cols-2">
                        <SelectField
                            name="time_zone"
                            label="Time zone"
                            choices=zones
                            value="UTC"
                            error=error_of("time_zone")
                        />
                        <SelectField
                            name="default_country"
                            label="Country of numbers without a country code"
                            choices=countries
                            value="GB"
                            error=error_of("default_country")
                        />
                    </div>
                    <Checkbox
                        name="four_eyes"
                        label="Four eyes: nobody approves what they made themselves"
                        checked=true
                        hint="Every self-approval is recorded when it is off."
                    />
                </fieldset>
                <fieldset class="flex flex-col gap-5">
                    <legend class="mb-1 text-lg font-semibold">"Its first admin"</legend>
                    <p class="field-hint">
                        "Whoever has this address is invited by a link, which is shown on the next page. Leave it empty to do it later."
                    </p>
                    <TextField
                        name="admin_email"
                        label="E-mail"
                        r#type="email"
                        inputmode="email"
                        optional=true
                        error=error_of("admin_email")
                    />
                </fieldset>
                <fieldset class="flex flex-col gap-5">
                    <legend class="mb-1 text-lg font-semibold">"Its first sender name"</legend>
                    <p class="field-hint">"It waits for a moderator's approval. Leave name and SADDR empty to do it later."</p>
                    <TextField
                        name="sender_name"
                        label="Name within the workspace"
                        optional=true
                        maxlength=60
                        error=error_of("sender_name")
                    />
                    <AddressingFields first=None refused optional=true/>
                </fieldset>
                <div class="flex flex-wrap gap-3">
                    <Button busy=create.pending()>"Create workspace"</Button>
                    <LinkButton href=PATH kind=ButtonKind::Secondary>"Cancel"</LinkButton>
                </div>
            </ActionForm>
        </Panel>
    }
}

#[component]
fn Done(done: OnboardedView) -> impl IntoView {
    let invitation = done.invitation.map(|invitation| {
        view! {
            <Alert tone=Tone::Warning title="This link is shown once">
                <p>"Hand it to its person, by a way that nobody else reads. It works once, within a week; a new one is made on the Members page."</p>
                <div class="mt-3">
                    <CopyField name="invitation-link" label=format!("Invitation for {}", invitation.email) value=invitation.url/>
                </div>
            </Alert>
        }
    });
    view! {
        <PageHeading title="The workspace is there" lead=done.name/>
        {invitation}
        <div class="flex flex-wrap gap-3">
            <LinkButton href=format!("/w/{}", done.slug)>"Go to the workspace"</LinkButton>
            <LinkButton href=PATH kind=ButtonKind::Secondary>"All workspaces"</LinkButton>
        </div>
    }
}
