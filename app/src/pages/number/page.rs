//! What somebody may ask for who gets messages: what is known of their number, and that it is forgotten.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::{api::numbers::EraseNumber, error::AppError, pages::layout::use_workspace, ui::prelude::*};

#[component]
pub fn OneNumber() -> impl IntoView {
    let workspace = use_workspace();
    if !workspace.rules_it() {
        return view! { <ErrorView error=AppError::Forbidden/> }.into_any();
    }
    let slug = workspace.slug;
    let erase = ServerAction::<EraseNumber>::new();
    view! {
        <Breadcrumbs crumbs=vec![Crumb::new("Settings", format!("/w/{slug}/settings"))]/>
        <PageHeading
            title="One number"
            lead="Everything that this workspace knows of a phone number, over all campaigns. Each use is recorded, with the ctn_hash \
            and never with the number."
        />
        <div role="status"><Told/></div>
        <div class="flex flex-col gap-6">
            <Take slug=slug.clone()/>
            <Erase slug erase/>
        </div>
    }
    .into_any()
}

/// What was just erased, as the address says.
#[component]
fn Told() -> impl IntoView {
    let query = use_query_map();
    let count = move |name: &str| query.with(|query| query.get(name).and_then(|count| count.parse::<u64>().ok()));
    move || {
        count("campaigns").map(|campaigns| {
            let recipients = count("recipients").unwrap_or_default();
            let messages = count("messages").unwrap_or_default();
            let written = match messages {
                0 => String::new(),
                messages => format!(" {} from it erased.", counted(messages, "message", "messages")),
            };
            let text = if campaigns == 0 {
                format!("No campaign had this number.{written}")
            } else {
                format!(
                    "Erased: {} in {}. Their exports were removed.{written}",
                    counted(recipients, "recipient", "recipients"),
                    counted(campaigns, "campaign", "campaigns")
                )
            };
            view! { <Alert tone=Tone::Success>{text}</Alert> }
        })
    }
}

/// A plain form: the answer is a file.
#[component]
fn Take(slug: String) -> impl IntoView {
    view! {
        <Panel title="What is known of it">
            <form
                method="post"
                action=format!("/w/{slug}/number/export")
                class="flex max-w-2xl flex-col items-start gap-4"
            >
                <p>
                    "As a CSV file: each campaign that has it, with state, times and the columns of its file, and how it is on the suppression list."
                </p>
                <div class="w-full">
                    <TextField
                        id="field-known-number"
                        name="number"
                        label="Number"
                        r#type="tel"
                        inputmode="tel"
                        maxlength=40
                    />
                </div>
                <Button kind=ButtonKind::Secondary>"Download"</Button>
            </form>
        </Panel>
    }
}

#[component]
fn Erase(slug: String, erase: ServerAction<EraseNumber>) -> impl IntoView {
    let refused: Signal<Option<AppError>> = Signal::derive(move || erase.value().get().and_then(Result::err));
    let error = Signal::derive(move || refused.get().and_then(|error| error.field_error("number")));
    let choices = vec![
        Choice::new("put", "Put it there: no more messages"),
        Choice::new("leave", "Leave it as it is"),
        Choice::new("remove", "Take it off, too"),
    ];
    view! {
        <Panel title="Erase it">
            <ActionForm action=erase attr:class="flex max-w-2xl flex-col items-start gap-4">
                <ErrorSummary error=refused/>
                <p>
                    "Takes the number and the columns of its file out of every campaign that has ended or was not started. States stay, \
                    for the figures. There is no way back. While a campaign with it is being sent, this is refused."
                </p>
                <Hidden name="slug" value=slug/>
                <div class="w-full">
                    <TextField name="number" label="Number" r#type="tel" inputmode="tel" maxlength=40 error/>
                </div>
                <div class="w-full">
                    <SelectField name="on_list" label="On the suppression list" choices value="put"/>
                </div>
                <Button kind=ButtonKind::Danger busy=erase.pending()>"Erase for good"</Button>
            </ActionForm>
        </Panel>
    }
}
