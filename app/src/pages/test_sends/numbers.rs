//! The numbers that may get test messages.

use leptos::prelude::*;

use crate::{
    api::test_sends::{AddTestNumber, CapTests, RemoveTestNumber, TestListView, TestNumberView, test_list},
    error::AppError,
    pages::layout::use_workspace,
    ui::prelude::*,
};

#[component]
pub fn TestNumbers() -> impl IntoView {
    let workspace = use_workspace();
    if !workspace.rules_it() {
        return view! { <ErrorView error=AppError::Forbidden/> }.into_any();
    }
    let slug = workspace.slug.clone();
    let add = ServerAction::<AddTestNumber>::new();
    let remove = ServerAction::<RemoveTestNumber>::new();
    let cap = ServerAction::<CapTests>::new();
    let shown = Resource::new(
        move || (add.version().get(), remove.version().get(), cap.version().get()),
        move |_| test_list(slug.clone()),
    );
    let own = StoredValue::new(workspace.slug.clone());
    let refused: Signal<Option<AppError>> = Signal::derive(move || remove.value().get().and_then(Result::err));
    view! {
        <Breadcrumbs crumbs=vec![Crumb::new("Settings", workspace.path("/settings"))]/>
        <PageHeading
            title="Test numbers"
            lead="Authors can send a test of a draft to these numbers and to no others, from an approved sender."
        />
        {move || refused.get().map(|error| view! { <Alert tone=Tone::Danger><p>{error.in_full()}</p></Alert> })}
        <Transition fallback=|| view! { <Loading label="Loading the numbers"/> }>
            {move || Suspend::new(async move {
                match shown.await {
                    Ok(view) => {
                        let TestListView { numbers, a_day_max, left_today } = view;
                        view! {
                            <Panel flush=true><Rows slug=own.get_value() numbers remove/></Panel>
                            <div class="grid items-start gap-5 xl:grid-cols-2">
                                <Add slug=own.get_value() add/>
                                <Cap slug=own.get_value() a_day_max left_today cap/>
                            </div>
                        }
                            .into_any()
                    }
                    Err(error) => {
                        view! { <Panel><LoadError error retry=Callback::new(move |()| shown.refetch())/></Panel> }
                            .into_any()
                    }
                }
            })}
        </Transition>
    }
    .into_any()
}

#[component]
fn Rows(slug: String, numbers: Vec<TestNumberView>, remove: ServerAction<RemoveTestNumber>) -> impl IntoView {
    if numbers.is_empty() {
        let text = "Add the numbers of those who look at drafts, such as your own.";
        return view! { <EmptyState title="No test number yet" text=text/> }.into_any();
    }
    view! {
        <Table caption="Numbers that may get test messages">
            <thead>
                <tr>
                    <th scope="col">"Whose"</th>
                    <th scope="col">"Number"</th>
                    <th scope="col">"Added"</th>
                    <th scope="col"><span class="sr-only">"Actions"</span></th>
                </tr>
            </thead>
            <tbody>
                {numbers
                    .into_iter()
                    .map(|number| {
                        let (label, slug) = (number.label.clone(), slug.clone());
                        view! {
                            <tr>
                                <th scope="row" class="font-medium break-words">{number.label}</th>
                                <td class="tabular-nums whitespace-nowrap">{number.number}</td>
                                <td>{number.by} " " <When moment=number.added/></td>
                                <td class="text-right">
                                    <ActionForm action=remove>
                                        <Hidden name="slug" value=slug/>
                                        <Hidden name="number" value=number.id/>
                                        <Button kind=ButtonKind::Secondary small=true busy=remove.pending()>
                                            "Remove" <span class="sr-only">{format!(" {label}")}</span>
                                        </Button>
                                    </ActionForm>
                                </td>
                            </tr>
                        }
                    })
                    .collect_view()}
            </tbody>
        </Table>
    }
    .into_any()
}

#[component]
fn Add(slug: String, add: ServerAction<AddTestNumber>) -> impl IntoView {
    let refused: Signal<Option<AppError>> = Signal::derive(move || add.value().get().and_then(Result::err));
    let error_of =
        move |field: &'static str| Signal::derive(move || refused.get().and_then(|error| error.field_error(field)));
    view! {
        <Panel title="Add a number">
            <ActionForm action=add attr:class="flex flex-col gap-5">
                <ErrorSummary error=refused/>
                <Hidden name="slug" value=slug/>
                <TextField name="label" label="Whose it is" maxlength=60 error=error_of("label")/>
                <TextField
                    name="number"
                    label="Number"
                    r#type="tel"
                    inputmode="tel"
                    hint="International with + or 00; others are numbers of the workspace's country."
                    error=error_of("number")
                />
                <div>
                    <Button busy=add.pending()>"Add"</Button>
                </div>
            </ActionForm>
        </Panel>
    }
}

#[component]
fn Cap(slug: String, a_day_max: u32, left_today: u32, cap: ServerAction<CapTests>) -> impl IntoView {
    let refused: Signal<Option<AppError>> = Signal::derive(move || cap.value().get().and_then(Result::err));
    let error = Signal::derive(move || refused.get().and_then(|error| error.field_error("a_day_max")));
    view! {
        <Panel title="How many a day">
            <p class="mb-4">{format!("{} left today.", counted(left_today.into(), "test message is", "test messages are"))}</p>
            <ActionForm action=cap attr:class="flex flex-col gap-5">
                <ErrorSummary error=refused/>
                <Hidden name="slug" value=slug/>
                <TextField
                    name="a_day_max"
                    label="Test messages a day"
                    value=a_day_max.to_string()
                    inputmode="numeric"
                    hint="In the whole workspace, from 0 (none) to 200."
                    error
                />
                <div>
                    <Button kind=ButtonKind::Secondary busy=cap.pending()>"Save"</Button>
                </div>
            </ActionForm>
        </Panel>
    }
}
