//! What admins choose for their workspace.

use domain::workspace::NumbersVisibleTo;
use leptos::prelude::*;

use crate::{
    api::settings::{SaveSettings, SettingsView},
    error::AppError,
    state::query::name_of,
    ui::prelude::*,
};

#[component]
pub(super) fn SettingsForm(view: SettingsView, save: ServerAction<SaveSettings>) -> impl IntoView {
    let refused: Signal<Option<AppError>> = Signal::derive(move || save.value().get().and_then(Result::err));
    let error_of =
        move |field: &'static str| Signal::derive(move || refused.get().and_then(|error| error.field_error(field)));
    let zones = view.time_zones.into_iter().map(|name| Choice::new(name.clone(), name)).collect::<Vec<_>>();
    let countries = view.countries.into_iter().map(|(iso, name)| Choice::new(iso, name)).collect::<Vec<_>>();
    let visible = NumbersVisibleTo::ALL.map(|choice| Choice::new(name_of(choice), choice.label())).to_vec();
    view! {
        <Panel title="Workspace">
            <ActionForm action=save attr:class="flex max-w-2xl flex-col gap-5">
                <ErrorSummary error=refused/>
                <Hidden name="slug" value=view.slug.clone()/>
                <Hidden name="revision" value=view.revision.to_string()/>
                <TextField
                    name="display_name"
                    label="Name of the workspace"
                    value=view.display_name
                    maxlength=80
                    error=error_of("display_name")
                />
                <TextField
                    name="address"
                    label="Its address"
                    value=view.slug
                    mono=true
                    maxlength=40
                    hint="It stands in every link: /w/… The former address goes on leading members here, and nobody else gets it."
                    error=error_of("address")
                />
                <div class="grid gap-5 sm:grid-cols-2">
                    <SelectField
                        name="time_zone"
                        label="Time zone"
                        choices=zones
                        value=view.time_zone
                        hint="Times are shown in it. Starts that are set already do not move."
                        error=error_of("time_zone")
                    />
                    <SelectField
                        name="default_country"
                        label="Country of numbers without a country code"
                        choices=countries
                        value=view.default_country
                        hint="For files that are read from now on."
                        error=error_of("default_country")
                    />
                </div>
                <SelectField
                    name="numbers_visible_to"
                    label="Who sees full phone numbers"
                    choices=visible
                    value=name_of(view.numbers_visible_to)
                    hint="Everybody else sees the last digits. Each time numbers are shown in full is recorded."
                />
                <Checkbox
                    name="joining_allowed"
                    label="People may ask to join"
                    checked=view.joining_allowed
                    hint="Whoever is signed in and knows the address can ask; an admin decides."
                />
                <div class="grid gap-5 sm:grid-cols-2">
                    <TextField
                        name="segment_price_cents"
                        label="Price of a segment"
                        r#type="number"
                        inputmode="numeric"
                        min="0"
                        max="100000"
                        value=view.segment_price_cents.to_string()
                        hint="In the smallest unit of the currency, such as cents; 0 shows no price in the wizard."
                        error=error_of("segment_price_cents")
                    />
                    <TextField
                        name="currency"
                        label="Currency"
                        value=view.currency
                        mono=true
                        maxlength=3
                        hint="Three letters, such as EUR."
                        error=error_of("currency")
                    />
                </div>
                <div>
                    <Button busy=save.pending()>"Save"</Button>
                </div>
            </ActionForm>
        </Panel>
    }
}
