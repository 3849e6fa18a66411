//! Sending a test of a campaign, and what became of it.

use domain::test_send::TestState;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::{
    api::test_sends::{SendTest, TestSendView, TestView, campaign_tests, sent_tests},
    error::AppError,
    pages::layout::use_workspace,
    state::poll::poll,
    ui::prelude::*,
};

const LOOK_MS: u32 = 1_500;

#[component]
pub fn SendTestPage() -> impl IntoView {
    let workspace = use_workspace();
    let slug = workspace.slug.clone();
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").unwrap_or_default()));
    let send = ServerAction::<SendTest>::new();
    let owned = slug.clone();
    let shown =
        Resource::new(move || (id.get(), send.version().get()), move |(id, _)| campaign_tests(owned.clone(), id));
    // Loaded by itself, again and again: what is typed stays.
    let sent = Resource::new(move || (id.get(), send.version().get()), move |(id, _)| sent_tests(slug.clone(), id));
    let moves = move || {
        sent.with_untracked(|sent| match sent {
            Some(Ok(sends)) => sends.iter().any(|send| matches!(send.state, TestState::OnItsWay | TestState::Accepted)),
            _ => false,
        })
    };
    poll(LOOK_MS, moves, move || sent.refetch());
    let campaigns = StoredValue::new(workspace.path("/campaigns"));
    view! {
        <Transition fallback=|| view! { <Loading label="Loading the campaign"/> }>
            {move || Suspend::new(async move {
                match shown.await {
                    Ok(view) => {
                        let id = id.get_untracked();
                        let href = campaigns.with_value(|base| format!("{base}/{id}"));
                        view! { <Order href id view send/> }.into_any()
                    }
                    Err(error) => view! { <ErrorView error/> }.into_any(),
                }
            })}
        </Transition>
        <Transition>
            {move || Suspend::new(async move {
                // A refusal is said above.
                sent.await
                    .ok()
                    .map(|sends| view! { <Panel title="Tests so far" flush=true><Sent sends/></Panel> })
            })}
        </Transition>
    }
}

#[component]
fn Order(href: String, id: String, view: TestView, send: ServerAction<SendTest>) -> impl IntoView {
    let workspace = use_workspace();
    let refused: Signal<Option<AppError>> = Signal::derive(move || send.value().get().and_then(Result::err));
    let number_error = Signal::derive(move || refused.get().and_then(|error| error.field_error("number")));
    let TestView { name, text, fields, saddr, overridden, numbers, left_today, a_day_max, open } = view;
    let title = if name.is_empty() { "Untitled".to_owned() } else { name };
    let numbers_href = workspace.path("/settings/test-numbers");
    let may_list = workspace.rules_it();
    let slug = workspace.slug.clone();
    let body = if !open {
        view! {
            <Alert tone=Tone::Neutral>"A test is sent of a draft, or of what waits for its decision."</Alert>
        }
        .into_any()
    } else if numbers.is_empty() {
        let who = if may_list {
            view! { <a class="link" href=numbers_href>"Add the first number"</a> }.into_any()
        } else {
            view! { "An admin of the workspace adds them in the settings." }.into_any()
        };
        view! { <Alert tone=Tone::Info title="No test number yet"><p>{who}</p></Alert> }.into_any()
    } else {
        let choices = numbers
            .into_iter()
            .map(|number| Choice::new(number.id, format!("{} ({})", number.label, number.number)))
            .collect::<Vec<_>>();
        let typed = fields
            .into_iter()
            .enumerate()
            .map(|(place, (field, value))| {
                view! {
                    <Hidden name=format!("fields[{place}][name]") value=field.clone()/>
                    <TextField name=format!("fields[{place}][value]") label=format!("{{{field}}}") value/>
                }
            })
            .collect_view();
        view! {
            <Panel title="Send a test">
                <ActionForm action=send attr:class="flex max-w-2xl flex-col gap-5">
                    <ErrorSummary error=refused/>
                    <Hidden name="slug" value=slug/>
                    <Hidden name="id" value=id/>
                    <Facts>
                        <Fact label="From">{saddr.unwrap_or_else(|| "no sender chosen yet".to_owned())}</Fact>
                        <Fact label="Text"><span class="break-words whitespace-pre-wrap">{text}</span></Fact>
                    </Facts>
                    {overridden
                        .then(|| {
                            view! {
                                <Alert tone=Tone::Info>
                                    "A test goes out with the values of the sender's approved revision, not with those that override them."
                                </Alert>
                            }
                        })}
                    <SelectField name="number" label="To" choices error=number_error/>
                    {typed}
                    <p class="text-sm text-muted">
                        {format!(
                            "A real message, which counts for nothing else. {left_today} of {a_day_max} left today in this workspace."
                        )}
                    </p>
                    <div class="flex flex-wrap gap-3">
                        <Button busy=send.pending()>"Send the test"</Button>
                    </div>
                </ActionForm>
            </Panel>
        }
        .into_any()
    };
    view! {
        <Breadcrumbs crumbs=vec![
            Crumb::new("Campaigns", workspace.path("/campaigns")),
            Crumb::new(title, href),
        ]/>
        <PageHeading title="Test message" lead="To a number of the workspace's test list, before anything is approved."/>
        {body}
    }
}

#[component]
fn Sent(sends: Vec<TestSendView>) -> impl IntoView {
    if sends.is_empty() {
        return view! { <EmptyState title="No test was sent yet" text="What becomes of each is shown here."/> }
            .into_any();
    }
    view! {
        <Table caption="Test messages of this campaign, newest first">
            <thead>
                <tr>
                    <th scope="col">"Sent"</th>
                    <th scope="col">"To"</th>
                    <th scope="col">"State"</th>
                    <th scope="col">"Text"</th>
                </tr>
            </thead>
            <tbody>{sends.into_iter().map(|send| view! { <Row send/> }).collect_view()}</tbody>
        </Table>
    }
    .into_any()
}

#[component]
fn Row(send: TestSendView) -> impl IntoView {
    let tone = match send.state {
        TestState::Delivered => Tone::Success,
        TestState::Failed | TestState::NotSent => Tone::Danger,
        TestState::Uncertain => Tone::Warning,
        TestState::OnItsWay | TestState::Accepted => Tone::Info,
    };
    view! {
        <tr class="align-top">
            <td><When moment=send.at stacked=true/> <span class="block text-xs text-muted">{send.by}</span></td>
            <td class="break-words">{send.to}</td>
            <td>
                <Badge tone text=send.state.label()/>
                {send.problem.map(|problem| view! { <span class="mt-1 block text-sm">{problem}</span> })}
            </td>
            <td class="min-w-60 break-words whitespace-pre-wrap">
                {send.text}
                <span class="block text-xs text-muted">
                    {format!("version {}, {}", send.version, counted(send.segments.into(), "segment", "segments"))}
                </span>
            </td>
        </tr>
    }
}
