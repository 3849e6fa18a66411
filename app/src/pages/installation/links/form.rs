//! The fields of a link: those that every carrier names first, the others folded away.

use domain::link::{BindMode, IdBase, LongMessages, ReceiptRequest};
use leptos::prelude::*;

use crate::{
    api::installation::links::form::LinkForm,
    error::AppError,
    state::{moment::Moment, query::name_of},
    ui::prelude::*,
};

/// What was wrong with which field.
#[derive(Clone, Copy)]
struct Wrong(Signal<Option<AppError>>);

impl Wrong {
    fn of(self, field: &'static str) -> Signal<Option<String>> {
        Signal::derive(move || self.0.get().and_then(|error| error.field_error(field)))
    }

    /// Whether one of these fields is wrong, so that nobody has to unfold it to see that.
    fn among(self, fields: &'static [&'static str]) -> Signal<bool> {
        Signal::derive(move || {
            self.0.with(|error| {
                let refused = error.as_ref().map(AppError::field_errors).unwrap_or_default();
                refused.iter().any(|refused| fields.contains(&refused.field.as_str()))
            })
        })
    }
}

/// `password_set` None: a new link.
#[component]
pub(super) fn Fields(
    form: LinkForm,
    error: Signal<Option<AppError>>,
    #[prop(optional_no_strip)] password_set: Option<Moment>,
    #[prop(optional_no_strip)] key_set: Option<Moment>,
) -> impl IntoView {
    let wrong = Wrong(error);
    view! {
        <Account form=form.clone() password_set wrong/>
        <Speed form=form.clone() wrong/>
        <Tls form=form.clone() key_set wrong/>
        <Receipts form=form.clone() wrong/>
        <Timers form=form.clone() wrong/>
        <Codes form wrong/>
    }
}

/// That there is a secret, and since when; never which.
fn secret_hint(set: Option<&Moment>, fresh: &str) -> String {
    match set {
        Some(set) => format!("It is set since {} and never shown. Leave this empty to keep it.", set.local),
        None => fresh.to_owned(),
    }
}

#[component]
fn Account(form: LinkForm, #[prop(optional_no_strip)] password_set: Option<Moment>, wrong: Wrong) -> impl IntoView {
    let binds = BindMode::ALL.map(|mode| Choice::new(name_of(mode), mode.label())).to_vec();
    let hint =
        secret_hint(password_set.as_ref(), "As the carrier gave it. It is kept encrypted and never shown again.");
    view! {
        <fieldset>
            <legend class="mb-3 font-semibold">"Account"</legend>
            <div class="grid gap-5 sm:grid-cols-2">
                <TextField name="name" label="Name" value=form.name maxlength=80 hint="As authors see it." error=wrong.of("name")/>
                <SelectField
                    name="bind"
                    label="Bind"
                    choices=binds
                    value=form.bind
                    hint="By one that only receives nobody's STOP is confirmed, unless reply_by of [inbound] names a link that sends."
                    error=wrong.of("bind")
                />
                <TextField name="host" label="Host" value=form.host mono=true hint="A name or an address." error=wrong.of("host")/>
                <Count name="port" label="Port" value=form.port wrong/>
                <TextField name="system_id" label="System id" value=form.system_id maxlength=15 mono=true error=wrong.of("system_id")/>
                <TextField
                    name="password"
                    label="Password"
                    r#type="password"
                    autocomplete="new-password"
                    maxlength=64
                    optional=true
                    hint=hint
                    error=wrong.of("password")
                />
                <TextField
                    name="system_type"
                    label="System type"
                    value=form.system_type
                    maxlength=12
                    mono=true
                    optional=true
                    error=wrong.of("system_type")
                />
                <Count name="sessions" label="Sessions" value=form.sessions hint="Of a pair as many of each kind." wrong/>
            </div>
        </fieldset>
    }
}

#[component]
fn Speed(form: LinkForm, wrong: Wrong) -> impl IntoView {
    view! {
        <fieldset>
            <legend class="mb-3 font-semibold">"Speed"</legend>
            <div class="grid gap-5 sm:grid-cols-2">
                <TextField
                    name="rate_segments_per_s"
                    label="Segments per second"
                    value=form.rate_segments_per_s
                    inputmode="decimal"
                    optional=true
                    hint="Over all sessions. Without it the carrier's own throttling is the limit."
                    error=wrong.of("rate_segments_per_s")
                />
                <TextField
                    name="burst_segments"
                    label="Burst in segments"
                    value=form.burst_segments
                    inputmode="numeric"
                    optional=true
                    hint="What may go at once after a pause. Without it a tenth of a second's rate."
                    error=wrong.of("burst_segments")
                />
                <Count name="window" label="Window" value=form.window hint="Unanswered parts per session." wrong/>
                <Count
                    name="lane_segments"
                    label="Queue of a campaign"
                    value=form.lane_segments
                    hint="Segments of one campaign that wait in the link."
                    wrong
                />
            </div>
        </fieldset>
    }
}

#[component]
fn Tls(form: LinkForm, #[prop(optional_no_strip)] key_set: Option<Moment>, wrong: Wrong) -> impl IntoView {
    let on = !form.tls.is_empty();
    let hint = secret_hint(key_set.as_ref(), "PEM. It is kept encrypted and never shown again.");
    let unfolded = wrong.among(&["tls", "tls_server_name", "tls_ca", "tls_certificate", "tls_key", "tls_crl"]);
    view! {
        <Part title="TLS to the carrier" open=on unfolded>
            <Checkbox
                name="tls"
                label="Speak TLS"
                checked=on
                hint="Without it the connection is in plain text, as many carriers have it within a private network."
            />
            {move || wrong.of("tls").get().map(|said| view! { <p class="field-error">{said}</p> })}
            <TextField
                name="tls_server_name"
                label="Name in the carrier's certificate"
                value=form.tls_server_name
                mono=true
                optional=true
                hint="Without it the host."
                error=wrong.of("tls_server_name")
            />
            <TextArea
                name="tls_ca"
                label="Trusted authorities"
                value=form.tls_ca
                optional=true
                hint="PEM. Without it those that the system trusts."
                error=wrong.of("tls_ca")
            />
            <TextArea
                name="tls_certificate"
                label="Our certificate"
                value=form.tls_certificate
                optional=true
                hint="PEM, followed by what leads to its authority, where the carrier wants to know by it who we are."
                error=wrong.of("tls_certificate")
            />
            <TextArea name="tls_key" label="Key of our certificate" optional=true hint=hint error=wrong.of("tls_key")/>
            <TextArea
                name="tls_crl"
                label="Revoked certificates"
                value=form.tls_crl
                optional=true
                hint="PEM: lists of certificates that the carrier's authorities have revoked. Whoever shows one that is on them is not spoken with. A list that is out of date goes on counting; diagnostics say so."
                error=wrong.of("tls_crl")
            />
        </Part>
    }
}

#[component]
fn Receipts(form: LinkForm, wrong: Wrong) -> impl IntoView {
    let asked = ReceiptRequest::ALL.map(|one| Choice::new(name_of(one), one.label())).to_vec();
    let bases = IdBase::ALL.map(|base| Choice::new(name_of(base), base.label())).to_vec();
    let long = LongMessages::ALL.map(|one| Choice::new(name_of(one), one.label())).to_vec();
    let unfolded = wrong.among(&[
        "receipts",
        "id_base",
        "long_messages",
        "tendlc_tlv",
        "address_ton",
        "address_npi",
        "address_range",
    ]);
    view! {
        <Part title="Receipts and addresses" unfolded>
            <SelectField name="receipts" label="Receipts" choices=asked value=form.receipts error=wrong.of("receipts")/>
            <SelectField
                name="id_base"
                label="Message ids"
                choices=bases
                value=form.id_base
                hint="How the carrier writes one and the same id in its response and in the receipt."
                error=wrong.of("id_base")
            />
            <Checkbox
                name="accepted_is_final"
                label="ACCEPTD ends a message"
                checked=!form.accepted_is_final.is_empty()
                hint="Else a receipt with ACCEPTD only announces another one."
            />
            <Checkbox
                name="is_simulator"
                label="No real message leaves by it"
                checked=!form.is_simulator.is_empty()
                hint="For an SMSC for trials: authors are told."
            />
            <SelectField
                name="long_messages"
                label="Long messages"
                choices=long
                value=form.long_messages
                hint="How the carrier is told that parts belong together."
                error=wrong.of("long_messages")
            />
            <TextField
                name="tendlc_tlv"
                label="Parameter for the 10DLC campaign"
                value=form.tendlc_tlv
                mono=true
                optional=true
                hint="The tag by which the carrier is told the 10DLC campaign of a message, such as 0x1400. Without it the carrier is not told."
                error=wrong.of("tendlc_tlv")
            />
            <div class="grid gap-5 sm:grid-cols-3">
                <Count name="address_ton" label="TON of the address range" value=form.address_ton wrong/>
                <Count name="address_npi" label="NPI of the address range" value=form.address_npi wrong/>
                <TextField
                    name="address_range"
                    label="Address range"
                    value=form.address_range
                    maxlength=40
                    mono=true
                    optional=true
                    hint="What the bind asks for; as a rule empty."
                    error=wrong.of("address_range")
                />
            </div>
        </Part>
    }
}

#[component]
fn Timers(form: LinkForm, wrong: Wrong) -> impl IntoView {
    let unfolded = wrong.among(&[
        "connect_s",
        "bind_s",
        "enquire_link_s",
        "response_s",
        "unbind_s",
        "reconnect_min_s",
        "reconnect_max_s",
    ]);
    view! {
        <Part title="Timers in seconds" unfolded>
            <div class="grid gap-5 sm:grid-cols-2">
                <Count name="connect_s" label="Connection" value=form.connect_s wrong/>
                <Count name="bind_s" label="Answer to the bind" value=form.bind_s wrong/>
                <Count name="enquire_link_s" label="Between enquire_links" value=form.enquire_link_s wrong/>
                <Count
                    name="response_s"
                    label="Answer to a message"
                    value=form.response_s
                    hint="After this long it is uncertain, and not sent again."
                    wrong
                />
                <Count name="unbind_s" label="Answer to the unbind" value=form.unbind_s wrong/>
                <Count name="reconnect_min_s" label="First wait before a reconnect" value=form.reconnect_min_s wrong/>
                <Count name="reconnect_max_s" label="Longest wait before a reconnect" value=form.reconnect_max_s wrong/>
            </div>
        </Part>
    }
}

#[component]
fn Codes(form: LinkForm, wrong: Wrong) -> impl IntoView {
    let unfolded = wrong.among(&["throttled", "temporary", "rebind", "stop"]);
    view! {
        <Part title="What refusals mean" unfolded>
            <p class="text-sm text-muted">
                "By command_status, such as 0x58. What is in no list fails the message."
            </p>
            <TextField
                name="throttled"
                label="Slow down and send again"
                value=form.throttled
                mono=true
                optional=true
                error=wrong.of("throttled")
            />
            <TextArea
                name="temporary"
                label="Wait and send again"
                value=form.temporary
                optional=true
                hint="One a line: the code, how often, and after how many seconds."
                error=wrong.of("temporary")
            />
            <TextField name="rebind" label="Bind again" value=form.rebind mono=true optional=true error=wrong.of("rebind")/>
            <TextField
                name="stop"
                label="Stop the link until somebody restarts it"
                value=form.stop
                mono=true
                optional=true
                hint="As an answer to the bind."
                error=wrong.of("stop")
            />
        </Part>
    }
}

/// A part of the form that most links leave as it is.
#[component]
fn Part(
    title: &'static str,
    #[prop(optional)] open: bool,
    /// Something in it is wrong.
    unfolded: Signal<bool>,
    children: Children,
) -> impl IntoView {
    view! {
        <details class="rounded-box border border-base-300 p-4" open=move || open || unfolded.get()>
            <summary class="cursor-pointer font-semibold">{title}</summary>
            <div class="mt-4 flex flex-col gap-5">{children()}</div>
        </details>
    }
}

/// A whole number.
#[component]
fn Count(
    name: &'static str,
    label: &'static str,
    value: String,
    #[prop(optional)] hint: Option<&'static str>,
    wrong: Wrong,
) -> impl IntoView {
    let hint = hint.map(str::to_owned);
    view! {
        <TextField
            name
            label
            value
            r#type="number"
            inputmode="numeric"
            min="0"
            hint=MaybeProp::derive(move || hint.clone())
            error=wrong.of(name)
        />
    }
}
