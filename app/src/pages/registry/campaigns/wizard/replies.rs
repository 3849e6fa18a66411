//! Step 4: the words that people send, and what they are answered.

use domain::tendlc::campaign::Answer;
use leptos::prelude::*;

use super::{
    samples::is_length,
    typing::{Findings, Length, Rules, Said, sentences, wrong_with},
};
use crate::{
    api::registry::campaigns::wizard::{SaveTendlcReplies, TenDlcDraft},
    error::AppError,
    ui::prelude::*,
};

/// One of the three, with the names of its fields.
#[derive(Clone, Copy)]
struct Kind {
    title: &'static str,
    flag: &'static str,
    flag_label: &'static str,
    keywords: &'static str,
    keywords_hint: &'static str,
    message: &'static str,
    message_hint: &'static str,
    /// Whether the message has to name the brand; of the others carriers only wish it.
    named: bool,
    keywords_optional: bool,
}

const OPT_IN: Kind = Kind {
    title: "Opting in",
    flag: "subscriber_optin",
    flag_label: "People agree before they get messages",
    keywords: "optin_keywords",
    keywords_hint: "Words by which people agree by message. Empty: they agree elsewhere, such as on a page.",
    message: "optin_message",
    message_hint: "Confirms that they agreed: the brand, what comes and how often, that message and data rates may apply, STOP and HELP.",
    named: false,
    keywords_optional: true,
};

const OPT_OUT: Kind = Kind {
    title: "Opting out",
    flag: "subscriber_optout",
    flag_label: "People can opt out by message",
    keywords: "optout_keywords",
    keywords_hint: "STOP has to be among them.",
    message: "optout_message",
    message_hint: "Names the brand, and says that nothing more comes.",
    named: true,
    keywords_optional: false,
};

const HELP: Kind = Kind {
    title: "Help",
    flag: "subscriber_help",
    flag_label: "People can ask for help by message",
    keywords: "help_keywords",
    keywords_hint: "HELP has to be among them.",
    message: "help_message",
    message_hint: "Names the brand, and says where help is found.",
    named: true,
    keywords_optional: false,
};

#[component]
pub fn RepliesStep(slug: String, draft: TenDlcDraft) -> impl IntoView {
    let save = ServerAction::<SaveTendlcReplies>::new();
    let refused: Signal<Option<AppError>> = Signal::derive(move || save.value().get().and_then(Result::err));
    let rules = Rules::of(&draft);
    let back = format!("/w/{slug}/registry/campaigns/{}/edit/3", draft.id);
    let form = draft.form.clone();
    let (registered, needs) = (draft.registered, draft.needs.clone());
    view! {
        <Panel>
            <ActionForm action=save attr:class="form">
                <ErrorSummary error=refused/>
                <Hidden name="slug" value=slug/>
                <Hidden name="id" value=draft.id/>
                <Hidden name="seen" value=draft.seen.to_string()/>
                <p class="text-sm text-muted">
                    "Single words without blanks, separated by commas. A word means one thing only."
                </p>
                <Reply kind=OPT_IN answer=form.opt_in needed=needs.opt_in registered rules=rules.clone() refused/>
                <Reply kind=OPT_OUT answer=form.opt_out needed=needs.opt_out registered rules=rules.clone() refused/>
                <Reply kind=HELP answer=form.help needed=needs.help registered rules refused/>
                <div class="form-actions">
                    <Button busy=save.pending()>"Save and continue"</Button>
                    <LinkButton href=back kind=ButtonKind::Secondary>"Back"</LinkButton>
                </div>
            </ActionForm>
        </Panel>
    }
}

#[component]
fn Reply(
    kind: Kind,
    answer: Answer,
    needed: bool,
    registered: bool,
    rules: Rules,
    refused: Signal<Option<AppError>>,
) -> impl IntoView {
    let text = RwSignal::new(answer.message);
    let length = rules.limits.answer.clone();
    let brand = rules.brand.clone();
    let said = Memo::new(move |_| {
        text.with(|text| {
            if text.trim().is_empty() {
                return Said::default();
            }
            let found = brand.facts().check_answer(text, kind.named, &rules.limits);
            let hints = if kind.named { Vec::new() } else { brand.facts().hints(text) };
            Said { wrong: sentences(found.into_iter().filter(|rule| !is_length(rule))), hints: sentences(hints) }
        })
    });
    let asked = if needed { "The use case needs it." } else { "The use case does not need it." };
    let flag = if registered {
        let word = if answer.offered { "Yes" } else { "No" };
        view! { <p class="text-sm"><span class="text-muted">{kind.flag_label} ": "</span> {word} ", as it was registered."</p> }
            .into_any()
    } else {
        view! {
            <Checkbox
                name=kind.flag
                label=kind.flag_label
                checked=answer.offered
                hint=asked
                error=wrong_with(refused, kind.flag)
            />
        }
        .into_any()
    };
    view! {
        <fieldset class="flex flex-col gap-4">
            <legend class="mb-3 font-semibold">{kind.title}</legend>
            {flag}
            <TextField
                name=kind.keywords
                label=format!("Keywords for {}", kind.title.to_lowercase())
                value=answer.keywords
                optional=kind.keywords_optional || !needed
                mono=true
                hint=kind.keywords_hint
                error=wrong_with(refused, kind.keywords)
            />
            <div class="flex flex-col gap-2">
                <TextArea
                    name=kind.message
                    label=format!("Answer to {}", kind.title.to_lowercase())
                    bind=text
                    rows=3
                    optional=!needed
                    hint=kind.message_hint
                    error=wrong_with(refused, kind.message)
                />
                <Length text length/>
                <Findings said/>
            </div>
        </fieldset>
    }
}
