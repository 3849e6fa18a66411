//! The fields of a brand. Which there are follows from what the brand is.

use domain::tendlc::{
    EntityType, Relationship, Vertical,
    address::us_states,
    kinds::AltBusinessIdKind,
    limits::{Limits, TAGS_MAX},
};
use leptos::prelude::*;

use crate::{api::registry::brands::form::BrandInput, error::AppError, ui::prelude::*};

/// What was wrong with which field.
#[derive(Clone, Copy)]
struct Wrong(Signal<Option<AppError>>);

impl Wrong {
    fn of(self, field: &'static str) -> Signal<Option<String>> {
        Signal::derive(move || self.0.get().and_then(|error| error.field_error(field)))
    }
}

fn most(characters: usize) -> u32 {
    u32::try_from(characters).unwrap_or(u32::MAX)
}

/// A list of choices, behind one that is none.
fn choices<T: Copy>(none: &str, all: &[T], word: fn(T) -> &'static str, label: fn(T) -> &'static str) -> Vec<Choice> {
    let none = std::iter::once(Choice::new("", none));
    none.chain(all.iter().map(|value| Choice::new(word(*value), label(*value)))).collect()
}

/// What an entity type is, for whoever chooses.
pub(super) const fn explained(entity_type: EntityType) -> &'static str {
    match entity_type {
        EntityType::PrivateProfit => "A company that is on no stock exchange, with a tax number.",
        EntityType::PublicProfit => "A company whose shares are traded. Its business contact confirms it by mail.",
        EntityType::NonProfit => "An organisation that the US tax office has recognised as such.",
        EntityType::Government => "An office or agency of the US, a state, a county or a city.",
        EntityType::SoleProprietor => {
            "A person with a business and without a tax number for it: one 10DLC campaign, five numbers."
        }
    }
}

/// All fields for the entity type of `input`.
#[component]
pub(super) fn BrandFields(
    entity_type: EntityType,
    input: BrandInput,
    limits: Limits,
    refused: Signal<Option<AppError>>,
    /// The registry never lets it become real, or the other way round.
    #[prop(optional)]
    mock_is_fixed: bool,
) -> impl IntoView {
    let wrong = Wrong(refused);
    let person = entity_type == EntityType::SoleProprietor;
    let listed = entity_type == EntityType::PublicProfit;
    view! {
        <Hidden name="entityType" value=entity_type.word()/>
        <Names entity_type input=input.clone() limits=limits.clone() wrong/>
        {person.then(|| view! { <Owner input=input.clone() limits=limits.clone() wrong/> })}
        {listed.then(|| view! { <Listing input=input.clone() limits=limits.clone() wrong/> })}
        <AddressFields input=input.clone() limits=limits.clone() wrong/>
        <Contact input=input.clone() limits=limits.clone() wrong/>
        <Further input wrong mock_is_fixed/>
    }
}

#[component]
fn Names(entity_type: EntityType, input: BrandInput, limits: Limits, wrong: Wrong) -> impl IntoView {
    let person = entity_type == EntityType::SoleProprietor;
    let verticals = choices("Choose …", Vertical::ALL, Vertical::word, Vertical::label);
    let company_hint = if person {
        "If the business has a name of its own."
    } else {
        "Letter for letter as the tax office has it: the registry compares it."
    };
    let tax = (!person).then(|| {
        view! {
            <TextField
                name="ein"
                label="Tax number"
                value=input.ein.clone()
                maxlength=24
                mono=true
                hint="In the US the EIN: 9 digits, such as 12-3456789."
                error=wrong.of("ein")
            />
        }
    });
    view! {
        <fieldset>
            <legend class="mb-3 font-semibold">"Who sends"</legend>
            <div class="grid gap-5 sm:grid-cols-2">
                <TextField
                    name="displayName"
                    label="Brand name"
                    value=input.display_name
                    maxlength=most(limits.display_name_max)
                    hint="The name that people know. Messages have to say it."
                    error=wrong.of("displayName")
                />
                <TextField
                    name="companyName"
                    label="Legal name"
                    value=input.company_name
                    maxlength=most(limits.company_name_max)
                    optional=person
                    hint=company_hint
                    error=wrong.of("companyName")
                />
                {tax}
                <SelectField
                    name="vertical"
                    label="Line of business"
                    choices=verticals
                    value=input.vertical
                    optional=person
                    error=wrong.of("vertical")
                />
            </div>
        </fieldset>
    }
}

#[component]
fn Owner(input: BrandInput, limits: Limits, wrong: Wrong) -> impl IntoView {
    view! {
        <fieldset>
            <legend class="mb-3 font-semibold">"The owner"</legend>
            <div class="grid gap-5 sm:grid-cols-2">
                <TextField
                    name="firstName"
                    label="First name"
                    value=input.first_name
                    maxlength=most(limits.person_name_max)
                    error=wrong.of("firstName")
                />
                <TextField
                    name="lastName"
                    label="Last name"
                    value=input.last_name
                    maxlength=most(limits.person_name_max)
                    error=wrong.of("lastName")
                />
                <TextField
                    name="mobilePhone"
                    label="Mobile phone"
                    r#type="tel"
                    inputmode="tel"
                    value=input.mobile_phone
                    maxlength=24
                    hint="With + and the country code. It gets a one-time code, which confirms the brand."
                    error=wrong.of("mobilePhone")
                />
            </div>
        </fieldset>
    }
}

#[component]
fn Listing(input: BrandInput, limits: Limits, wrong: Wrong) -> impl IntoView {
    view! {
        <fieldset>
            <legend class="mb-3 font-semibold">"Stock exchange"</legend>
            <div class="grid gap-5 sm:grid-cols-2">
                <TextField
                    name="stockExchange"
                    label="Exchange"
                    value=input.stock_exchange
                    maxlength=40
                    placeholder="NASDAQ"
                    error=wrong.of("stockExchange")
                />
                <TextField
                    name="stockSymbol"
                    label="Ticker symbol"
                    value=input.stock_symbol
                    maxlength=most(limits.stock_symbol_max)
                    mono=true
                    error=wrong.of("stockSymbol")
                />
                <TextField
                    name="businessContactEmail"
                    label="E-mail of the business contact"
                    r#type="email"
                    value=input.business_contact_email
                    maxlength=most(limits.email_max)
                    hint="At the company's own domain. They confirm by mail that the registration is wanted."
                    error=wrong.of("businessContactEmail")
                />
            </div>
        </fieldset>
    }
}

#[component]
fn AddressFields(input: BrandInput, limits: Limits, wrong: Wrong) -> impl IntoView {
    let known = us_states().collect::<Vec<_>>().join(", ");
    view! {
        <fieldset>
            <legend class="mb-3 font-semibold">"Address"</legend>
            <div class="grid gap-5 sm:grid-cols-2">
                <TextField
                    name="street"
                    label="Street"
                    value=input.street
                    maxlength=most(limits.street_max)
                    error=wrong.of("street")
                />
                <TextField name="city" label="City" value=input.city maxlength=most(limits.city_max) error=wrong.of("city")/>
                <TextField
                    name="state"
                    label="State"
                    value=input.state
                    maxlength=20
                    optional=true
                    hint="In the US it is needed, by its two letters, such as CO."
                    error=wrong.of("state")
                />
                <TextField
                    name="postalCode"
                    label="Postal code"
                    value=input.postal_code
                    maxlength=10
                    optional=true
                    hint="In the US it is needed: 5 digits."
                    error=wrong.of("postalCode")
                />
                <TextField
                    name="country"
                    label="Country"
                    value=input.country
                    maxlength=2
                    mono=true
                    hint="Two letters, such as US."
                    error=wrong.of("country")
                />
            </div>
            <details class="mt-3 text-sm">
                <summary class="cursor-pointer py-1">"The letters of all US states"</summary>
                <p class="font-mono break-words text-muted">{known}</p>
            </details>
        </fieldset>
    }
}

#[component]
fn Contact(input: BrandInput, limits: Limits, wrong: Wrong) -> impl IntoView {
    view! {
        <fieldset>
            <legend class="mb-3 font-semibold">"Contact"</legend>
            <div class="grid gap-5 sm:grid-cols-2">
                <TextField
                    name="email"
                    label="E-mail"
                    r#type="email"
                    value=input.email
                    maxlength=most(limits.email_max)
                    hint="The registry writes there."
                    error=wrong.of("email")
                />
                <TextField
                    name="phone"
                    label="Phone"
                    r#type="tel"
                    inputmode="tel"
                    value=input.phone
                    maxlength=24
                    hint="With + and the country code, such as +13035550100."
                    error=wrong.of("phone")
                />
                <TextField
                    name="website"
                    label="Website"
                    r#type="url"
                    value=input.website
                    maxlength=most(limits.url_max)
                    optional=true
                    hint="Carriers look at it when they decide on 10DLC campaigns."
                    error=wrong.of("website")
                />
            </div>
        </fieldset>
    }
}

#[component]
fn Further(input: BrandInput, wrong: Wrong, mock_is_fixed: bool) -> impl IntoView {
    let relationships = Relationship::ALL.iter().map(|one| Choice::new(one.word(), one.label())).collect();
    let kinds = choices("None", AltBusinessIdKind::ALL, AltBusinessIdKind::word, AltBusinessIdKind::label);
    let mock = input.mock == "true";
    let switch = if mock_is_fixed {
        mock.then(|| view! { <Hidden name="mock" value="true"/> }).into_any()
    } else {
        view! {
            <Checkbox
                name="mock"
                label="Mock brand, for trials"
                checked=mock
                hint="It costs nothing, and nothing of it ever reaches carriers. It cannot become a real one."
            />
        }
        .into_any()
    };
    view! {
        <fieldset>
            <legend class="mb-3 font-semibold">"Further"</legend>
            <div class="grid gap-5 sm:grid-cols-2">
                <SelectField
                    name="brandRelationship"
                    label="Relationship"
                    choices=relationships
                    value=input.brand_relationship
                    hint="How well you know them."
                    error=wrong.of("brandRelationship")
                />
                <TextField
                    name="tag"
                    label="Tags"
                    value=input.tag
                    optional=true
                    hint=format!("{TAGS_MAX} at most, with commas in between.")
                    error=wrong.of("tag")
                />
                <SelectField
                    name="altBusinessIdType"
                    label="Kind of other business id"
                    choices=kinds
                    value=input.alt_business_id_type
                    optional=true
                    error=wrong.of("altBusinessIdType")
                />
                <TextField
                    name="altBusinessId"
                    label="Other business id"
                    value=input.alt_business_id
                    maxlength=24
                    mono=true
                    optional=true
                    error=wrong.of("altBusinessId")
                />
            </div>
            <div class="mt-5">{switch}</div>
        </fieldset>
    }
}
