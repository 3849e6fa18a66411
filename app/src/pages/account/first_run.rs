//! The first run: the super admin, the first workspace, and the colleagues.

use leptos::prelude::*;

use super::set_password::password_hint;
use crate::{
    api::account::{FirstRun, FirstRunView, PlaceChoices, places},
    error::AppError,
    ui::prelude::*,
};

/// Rows for colleagues; more people are added later.
const COLLEAGUES: usize = 4;

#[component]
pub fn FirstRunPage(token: String, min_length: u32) -> impl IntoView {
    let first_run = ServerAction::<FirstRun>::new();
    // A refusal leaves the form alone, with what was typed.
    let done = Memo::new(move |_| first_run.value().get().and_then(Result::ok));
    let choices = Resource::new(|| (), |()| places());
    view! {
        <PlainFrame>
            // Kept while the result is shown: what a form's fields look at must not go away in the middle of its answer.
            <div hidden=move || done.with(Option::is_some)>
                <PageHeading
                    title="Set up Message Center"
                    lead="This page works once. Everything but the first account can be changed later."
                />
                <Suspense fallback=|| view! { <Loading label="Loading time zones and countries"/> }>
                    {move || {
                        let token = token.clone();
                        Suspend::new(async move {
                            match choices.await {
                                Ok(places) => view! { <SetUpForm token min_length places first_run/> }.into_any(),
                                Err(error) => view! { <Alert tone=Tone::Danger>{error.to_string()}</Alert> }.into_any(),
                            }
                        })
                    }}
                </Suspense>
            </div>
            {move || done.get().map(|done| view! { <Done done/> })}
        </PlainFrame>
    }
}

#[component]
fn SetUpForm(token: String, min_length: u32, places: PlaceChoices, first_run: ServerAction<FirstRun>) -> impl IntoView {
    let refused: Signal<Option<AppError>> = Signal::derive(move || first_run.value().get().and_then(Result::err));
    let error_of =
        move |field: &'static str| Signal::derive(move || refused.get().and_then(|error| error.field_error(field)));
    let zone = RwSignal::new("UTC".to_owned());
    let country = RwSignal::new("GB".to_owned());
    let display_name = RwSignal::new(String::new());
    let slug = RwSignal::new(String::new());
    propose_places(&places, zone, country);
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
        <ActionForm action=first_run attr:class="mt-6 flex flex-col gap-8">
            <ErrorSummary error=refused/>
            <Hidden name="token" value=token/>
            <fieldset class="flex flex-col gap-5">
                <legend class="mb-3 text-lg font-semibold">"You, the super admin"</legend>
                <TextField name="name" label="Name" autocomplete="name" error=error_of("name")/>
                <TextField
                    name="email"
                    label="E-mail"
                    r#type="email"
                    autocomplete="username"
                    inputmode="email"
                    hint="You sign in with it."
                    error=error_of("email")
                />
                <TextField
                    name="password"
                    label="Password"
                    r#type="password"
                    autocomplete="new-password"
                    hint=password_hint(min_length)
                    error=error_of("password")
                />
                <TextField
                    name="repeated"
                    label="The same password again"
                    r#type="password"
                    autocomplete="new-password"
                    error=error_of("repeated")
                />
            </fieldset>
            <fieldset class="flex flex-col gap-5">
                <legend class="mb-3 text-lg font-semibold">"The first workspace"</legend>
                <TextField
                    name="display_name"
                    label="Name of the workspace"
                    bind=display_name
                    hint="A department, a brand or a client: nothing in it is seen from another workspace."
                    error=error_of("display_name")
                />
                <TextField
                    name="slug"
                    label="Its address"
                    bind=slug
                    mono=true
                    hint="2 to 40 of a-z, 0-9 and hyphens; it stands in every link: /w/…"
                    error=error_of("slug")
                />
                <SelectField
                    name="time_zone"
                    label="Time zone"
                    choices=zones
                    bind=zone
                    hint="Schedules and times are shown in it."
                    error=error_of("time_zone")
                />
                <SelectField
                    name="default_country"
                    label="Country of numbers without a country code"
                    choices=countries
                    bind=country
                    error=error_of("default_country")
                />
                <Checkbox
                    name="four_eyes"
                    label="Four eyes: nobody approves what they made themselves"
                    checked=true
                    hint="Leave it on unless you try the product alone. Every self-approval is recorded."
                />
            </fieldset>
            <Colleagues error=error_of("colleagues")/>
            <Button busy=first_run.pending()>"Set up"</Button>
        </ActionForm>
    }
}

#[component]
fn Colleagues(#[prop(into)] error: Signal<Option<String>>) -> impl IntoView {
    let rows = (0..COLLEAGUES)
        .map(|row| {
            let roles = [("author", "Author"), ("moderator", "Moderator"), ("admin", "Admin")]
                .map(|(value, label)| Choice::new(value, label))
                .to_vec();
            // The first two rows propose what the main job needs: somebody who writes, somebody who approves.
            let role = if row == 1 { "moderator" } else { "author" };
            view! {
                <fieldset class="grid gap-4 border-t border-base-300 pt-4 sm:grid-cols-2">
                    <legend class="sr-only">{format!("Colleague {}", row + 1)}</legend>
                    <TextField name=format!("colleagues[{row}][name]") label="Name" optional=true/>
                    <TextField
                        name=format!("colleagues[{row}][email]")
                        label="E-mail"
                        r#type="email"
                        inputmode="email"
                        optional=true
                    />
                    <SelectField name=format!("colleagues[{row}][role]") label="Role" choices=roles value=role/>
                    <div class="sm:pt-7">
                        <Checkbox
                            name=format!("colleagues[{row}][moderator_flag]")
                            label="Moderates, too"
                            hint="For authors who approve what others made."
                        />
                    </div>
                </fieldset>
            }
        })
        .collect_view();
    view! {
        <fieldset class="flex flex-col gap-4" id="field-colleagues">
            <legend class="mb-1 text-lg font-semibold">"Colleagues"</legend>
            <p class="field-hint">
                "Each gets a one-time link, shown on the next page, with which they choose a password. Rows without an address are left out."
            </p>
            {move || error.get().map(|error| view! { <p class="field-error">{error}</p> })}
            {rows}
        </fieldset>
    }
}

#[component]
fn Done(done: FirstRunView) -> impl IntoView {
    let has_links = !done.links.is_empty();
    view! {
        <PageHeading title="Message Center is set up" lead="You are signed in."/>
        {has_links
            .then(|| {
                view! {
                    <div class="mt-6 flex flex-col gap-4">
                        <Alert tone=Tone::Warning title="These links are shown once">
                            "Hand each to its person, by a way that nobody else reads. They work once, within a week; new ones are made on the Members page."
                        </Alert>
                        <ul class="flex flex-col gap-4">
                            {done
                                .links
                                .iter()
                                .enumerate()
                                .map(|(place, link)| {
                                    view! {
                                        <li>
                                            <CopyField
                                                name=format!("link-{place}")
                                                label=format!("{} ({})", link.name, link.email)
                                                value=link.url.clone()
                                            />
                                        </li>
                                    }
                                })
                                .collect_view()}
                        </ul>
                    </div>
                }
            })}
        <div class="mt-6">
            <LinkButton href=format!("/w/{}", done.slug)>"Go to the workspace"</LinkButton>
        </div>
    }
}

/// An address out of a name: what is left of it in lower-case letters, digits and hyphens.
pub fn slug_of(name: &str) -> String {
    let mut slug = String::new();
    for letter in name.to_lowercase().chars() {
        if letter.is_ascii_alphanumeric() {
            slug.push(letter);
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
    }
    slug.truncate(40);
    slug.trim_end_matches('-').to_owned()
}

/// Proposes the browser's zone, and the country of its language, where the lists have them.
fn propose_places(places: &PlaceChoices, zone: RwSignal<String>, country: RwSignal<String>) {
    #[cfg(feature = "hydrate")]
    {
        let options =
            js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &js_sys::Object::new()).resolved_options();
        let own = js_sys::Reflect::get(&options, &"timeZone".into()).ok().and_then(|zone| zone.as_string());
        let own = own.filter(|own| places.time_zones.contains(own));
        let language = window().navigator().language().unwrap_or_default();
        let iso = language.rsplit('-').next().unwrap_or_default().to_owned();
        let iso = Some(iso).filter(|iso| places.countries.iter().any(|(known, _)| known == iso));
        let propose = move || {
            for (field, proposal) in [(zone, own.as_ref()), (country, iso.as_ref())] {
                if let Some(proposal) = proposal {
                    field.try_set(proposal.clone());
                }
            }
        };
        // After hydration, at which the controls have the say.
        Effect::new(move |_| set_timeout(propose.clone(), std::time::Duration::ZERO));
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (places, zone, country);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_proposed_from_the_name() {
        assert_eq!(slug_of("IT & Operations"), "it-operations");
        assert_eq!(slug_of("  Größe "), "gr-e");
        assert_eq!(slug_of("!!"), "");
    }
}
