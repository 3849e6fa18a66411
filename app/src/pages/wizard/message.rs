//! Step 2: what is sent, from whom, by which channel, and when.

use std::collections::HashMap;

use domain::{campaign::Mode, message_template::TemplateRef};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{
    counter::Counter,
    trigger::{TriggerText, TriggerTimes},
};
use crate::{
    api::wizard::{ChannelOffer, Offer, SaveMessage, StartView, TemplateOffer, VALIDITY_MINUTES_MAX, WizardDraft},
    error::{AppError, sentence},
    pages::campaigns::policy_of,
    state::query::name_of,
    ui::prelude::*,
};

#[component]
pub fn MessageStep(
    slug: String,
    /// The mode that was chosen, saved or not.
    mode: Mode,
    draft: WizardDraft,
) -> impl IntoView {
    let save = ServerAction::<SaveMessage>::new();
    let refused: Signal<Option<AppError>> = Signal::derive(move || save.value().get().and_then(Result::err));
    let error_of =
        move |field: &'static str| Signal::derive(move || refused.get().and_then(|error| error.field_error(field)));
    let chosen = use_query_map().with_untracked(|query| query.get_str("template").map(str::to_owned));
    let begun = chosen.and_then(|chosen| draft.templates.iter().find(|offer| offer.id == chosen)).cloned();
    let template = match (&begun, &draft.template) {
        (Some(offer), _) => format!("{}:{}", offer.id, offer.version),
        (None, Some(before)) => format!("{}:{}", before.template, before.version),
        (None, None) => String::new(),
    };
    let begin = view! {
        <BeginWith
            action=format!("/w/{slug}/campaigns/{}/edit/2", draft.id)
            mode
            templates=draft.templates
            before=draft.template
        />
    };
    let text = RwSignal::new(begun.map_or(draft.text, |offer| offer.text));
    let sender = draft.sender.map(|sender| sender.sender.to_string()).unwrap_or_default();
    let back = format!("/w/{slug}/campaigns/{}/edit/1", draft.id);
    let no_senders = draft.senders.is_empty() && draft.offered_senders.is_empty();
    let sender_choices = sender_choices(draft.senders, draft.offered_senders, &sender);
    let senders_href = format!("/w/{slug}/senders");
    let times = match mode {
        Mode::Scheduled => {
            view! { <TimeField name="start" label="Start" time=draft.start error=error_of("start")/> }.into_any()
        }
        Mode::Spread => view! {
            <Window
                start=draft.start
                end=draft.end
                hours=draft.hours.clone()
                start_error=error_of("start")
                end_error=error_of("end")
            />
        }
        .into_any(),
        Mode::Trigger => view! {
            <TriggerTimes
                end=draft.end
                ignore_daily_window=draft.ignore_daily_window
                hours=draft.hours.clone()
                error=error_of("end")
            />
        }
        .into_any(),
        Mode::OnDemand => ().into_any(),
    };
    let message = if mode == Mode::Trigger {
        view! { <TriggerText any_text=draft.any_text text error=error_of("text")/> }.into_any()
    } else {
        view! {
            <div class="flex flex-col gap-2">
                <TextArea
                    name="text"
                    label="Message"
                    bind=text
                    rows=6
                    hint="{column} puts in the value of that column of the recipients' file, as in {first_name}. For braces themselves write {{ and }}."
                    error=error_of("text")
                />
                <Counter text/>
            </div>
        }
        .into_any()
    };
    view! {
        {begin}
        <ActionForm action=save attr:class="form">
            <ErrorSummary error=refused/>
            <Hidden name="slug" value=slug/>
            <Hidden name="id" value=draft.id/>
            <Hidden name="mode" value=name_of(mode)/>
            <Hidden name="template" value=template/>
            {no_senders
                .then(|| {
                    view! {
                        <Alert tone=Tone::Warning title="No sender is approved yet">
                            <p>
                                "A message needs an approved sender. "
                                <a class="link" href=senders_href>"See the senders of this workspace"</a>
                                "; what you write here can be saved meanwhile."
                            </p>
                        </Alert>
                    }
                })}
            <TextField
                name="name"
                label="Name of the campaign"
                value=draft.name
                maxlength=120
                hint="For colleagues; recipients never see it."
                error=error_of("name")
            />
            <SelectField
                name="sender"
                label="Sender"
                choices=sender_choices
                value=sender
                error=error_of("sender")
            />
            <ChannelField channels=draft.channels chosen=draft.channel error=error_of("channel")/>
            {message}
            {times}
            <Checkbox
                name="start_automatically"
                label="Start by itself once approved"
                checked=draft.start_automatically
                hint="Otherwise somebody presses Start after the approval."
            />
            <TextField
                name="daily_limit"
                label="Segments a day at most"
                value=draft.daily_limit.map(|limit| limit.to_string()).unwrap_or_default()
                optional=true
                inputmode="numeric"
                hint="Of this campaign, by the workspace's calendar. When they are used up it waits until the next day. Empty: no limit."
                error=error_of("daily_limit")
            />
            <TextField
                name="validity_minutes"
                label="Validity in minutes"
                value=draft.validity_minutes.map(|minutes| minutes.to_string()).unwrap_or_default()
                optional=true
                inputmode="numeric"
                hint=format!(
                    "From 1 to {}. For so long the network tries to reach a phone that is off, and so long after its start the campaign expires, with what is not sent by then. Empty: no end of its own, and as long as the carrier tries by default.",
                    grouped(VALIDITY_MINUTES_MAX.into()),
                )
                error=error_of("validity_minutes")
            />
            <div class="form-actions">
                <Button busy=save.pending()>"Save and continue"</Button>
                <LinkButton href=back kind=ButtonKind::Secondary>"Back"</LinkButton>
            </div>
        </ActionForm>
    }
}

/// Fills in the text of a template; a plain form, so that the choice is in the address.
#[component]
fn BeginWith(
    action: String,
    mode: Mode,
    templates: Vec<TemplateOffer>,
    #[prop(optional_no_strip)] before: Option<TemplateRef>,
) -> impl IntoView {
    if templates.is_empty() {
        return ().into_any();
    }
    let chosen = before.map(|before| before.template.to_string()).unwrap_or_default();
    let offers = templates
        .into_iter()
        .map(|offer| {
            let approved = if offer.approved { ", approved" } else { "" };
            Offer { label: format!("{} (version {}{approved})", offer.name, offer.version), id: offer.id }
        })
        .collect();
    let choices = choices(offers, &chosen, "Choose a template");
    view! {
        <form method="get" action=action class="form mb-5">
            <Hidden name="mode" value=name_of(mode)/>
            <div class="flex flex-wrap items-end gap-3">
                <div class="min-w-0 grow">
                    <SelectField name="template" label="Begin with a template" choices value=chosen optional=true/>
                </div>
                <Button kind=ButtonKind::Secondary>"Use its text"</Button>
            </div>
            <p class="text-sm text-muted">"It takes the place of the text below. Save other changes first."</p>
        </form>
    }
    .into_any()
}

/// A date and time to come.
#[component]
pub fn TimeField(
    name: &'static str,
    label: &'static str,
    time: StartView,
    #[prop(into)] error: Signal<Option<String>>,
    /// Without one it goes on until somebody finishes it.
    #[prop(optional)]
    optional: bool,
) -> impl IntoView {
    let mut hint = format!("Date and time in {}.", time.zone);
    if optional {
        hint.push_str(" Empty: until somebody presses Finish.");
    }
    if let Some(note) = &time.note {
        hint.push(' ');
        hint.push_str(&sentence(note));
    }
    view! {
        <TextField name label r#type="datetime-local" value=time.local min=time.now_local hint error optional/>
    }
}

/// From when to when a Spread campaign goes out.
#[component]
fn Window(
    start: StartView,
    end: StartView,
    #[prop(optional_no_strip)] hours: Option<String>,
    #[prop(into)] start_error: Signal<Option<String>>,
    #[prop(into)] end_error: Signal<Option<String>>,
) -> impl IntoView {
    let open = match hours {
        Some(hours) => format!("Within the window messages go out in the workspace's daily hours only: {hours}."),
        None => {
            "Within the window messages go out at any time of the day: the workspace has no daily hours.".to_owned()
        }
    };
    view! {
        <fieldset class="field gap-3">
            <legend class="field-label mb-1">"Window"</legend>
            <p class="field-hint">
                "The recipients are spread evenly from its start to its end: 30 minutes at least, weeks if you like. Who gets it when \
                is fixed in advance. " {open}
            </p>
            <div class="grid gap-5 sm:grid-cols-2">
                <TimeField name="start" label="From" time=start error=start_error/>
                <TimeField name="end" label="To" time=end error=end_error/>
            </div>
        </fieldset>
    }
}

/// The only channel is chosen already. What the policy of the chosen one asks for is said below.
#[component]
fn ChannelField(
    channels: Vec<ChannelOffer>,
    chosen: String,
    #[prop(into)] error: Signal<Option<String>>,
) -> impl IntoView {
    let chosen = match channels.as_slice() {
        [only] if chosen.is_empty() => only.id.clone(),
        _ => chosen,
    };
    let policies: HashMap<String, Vec<String>> =
        channels.iter().map(|channel| (channel.id.clone(), channel.policy.clone())).collect();
    let offers = channels.into_iter().map(|channel| Offer { id: channel.id, label: channel.label }).collect();
    let selected = RwSignal::new(chosen.clone());
    let said = Memo::new(move |_| selected.with(|id| policies.get(id).and_then(|policy| policy_in_words(policy))));
    view! {
        <div class="flex flex-col gap-2">
            <SelectField
                name="channel"
                label="Channel"
                choices=choices(offers, &chosen, "Choose a channel")
                bind=selected
                hint="The link by which the messages leave."
                error
            />
            <div role="status" class="text-sm">
                {move || said.get().map(|said| view! { <p>{said}</p> })}
            </div>
        </div>
    }
}

/// What authors are told of a channel's policy; None: it asks for nothing.
fn policy_in_words(policy: &[String]) -> Option<String> {
    let rules = (!policy.is_empty()).then(|| policy_of(policy))?;
    Some(format!("Policy of this channel: {rules} Whoever would get more is left out, and counted with the reason."))
}

/// Those of the workspace, and in a group of their own those that the installation offers.
fn sender_choices(own: Vec<Offer>, offered: Vec<Offer>, chosen: &str) -> Vec<Choice> {
    if offered.is_empty() {
        return choices(own, chosen, "Choose a sender");
    }
    let missing = !own.iter().chain(&offered).any(|offer| offer.id == chosen);
    let in_group = |group: &'static str| move |offer: Offer| Choice::new(offer.id, offer.label).in_group(group);
    missing
        .then(|| Choice::new("", "Choose a sender"))
        .into_iter()
        .chain(own.into_iter().map(in_group("Of this workspace")))
        .chain(offered.into_iter().map(in_group("Of the installation")))
        .collect()
}

/// The offers; with an entry for no choice when what was chosen is not among them.
fn choices(offers: Vec<Offer>, chosen: &str, none: &str) -> Vec<Choice> {
    let missing = !offers.iter().any(|offer| offer.id == chosen);
    missing
        .then(|| Choice::new("", none))
        .into_iter()
        .chain(offers.into_iter().map(|offer| Choice::new(offer.id, offer.label)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_installation_offers_is_a_group_of_its_own() {
        let offer = |id: &str| Offer { id: id.to_owned(), label: id.to_uppercase() };
        let groups = |choices: Vec<Choice>| -> Vec<(String, Option<String>)> {
            choices.into_iter().map(|choice| (choice.value, choice.group)).collect()
        };
        let own = Some("Of this workspace".to_owned());
        let offered = Some("Of the installation".to_owned());
        assert_eq!(
            groups(sender_choices(vec![offer("a")], vec![offer("b")], "")),
            [(String::new(), None), ("a".to_owned(), own), ("b".to_owned(), offered)]
        );
        assert_eq!(groups(sender_choices(vec![offer("a")], Vec::new(), "a")), [("a".to_owned(), None)]);
    }
}
