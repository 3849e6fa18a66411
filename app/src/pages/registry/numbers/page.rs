//! `/w/{slug}/registry/numbers`: adding and releasing numbers, assigning them, and where each was.

use leptos::{html, prelude::*, server_fn::ServerFn as _};
use leptos_router::hooks::use_query_map;

use super::NumberBadge;
use crate::{
    api::registry::{
        DeskView,
        numbers::{
            AddTendlcNumbers, AssignTendlcNumbers, NumberRow, NumbersView, ReleaseTendlcNumber, RemoveTendlcNumber,
            Taking, tendlc_numbers,
        },
        rows::RowsPage,
    },
    error::AppError,
    state::{
        poll::poll,
        query::{address, page_of},
        reset::reset_when_done,
    },
    ui::prelude::*,
};

const LOOK_MS: u32 = 10_000;

/// Made where the page begins.
#[derive(Clone, Copy)]
struct Actions {
    add: ServerAction<AddTendlcNumbers>,
    release: ServerAction<ReleaseTendlcNumber>,
    assign: ServerAction<AssignTendlcNumbers>,
    remove: ServerAction<RemoveTendlcNumber>,
}

impl Actions {
    fn versions(self) -> usize {
        self.add.version().get()
            + self.release.version().get()
            + self.assign.version().get()
            + self.remove.version().get()
    }

    fn refused(self) -> Signal<Option<AppError>> {
        Signal::derive(move || {
            (self.release.value().get().and_then(Result::err))
                .or_else(|| self.assign.value().get().and_then(Result::err))
                .or_else(|| self.remove.value().get().and_then(Result::err))
        })
    }
}

#[component]
pub fn TenDlcNumbers() -> impl IntoView {
    let desk = DeskView::here();
    let slug = StoredValue::new(desk.slug.clone());
    let actions = Actions {
        add: ServerAction::new(),
        release: ServerAction::new(),
        assign: ServerAction::new(),
        remove: ServerAction::new(),
    };
    let query = use_query_map();
    let asked =
        Memo::new(move |_| query.with(|query| (query.get_str("show") == Some("former"), page_of(query, "page"))));
    let loaded = Resource::new(
        move || (asked.get(), actions.versions()),
        move |((former, page), _)| tendlc_numbers(slug.get_value(), former, page),
    );
    // While something is under way at the registry.
    let under_way =
        move || {
            loaded.with_untracked(|loaded| match loaded {
                Some(Ok(view)) => view.numbers.rows.iter().any(|row| {
                    row.state.is_some_and(|stage| stage != crate::api::registry::numbers::NumberStage::Active)
                }),
                _ => false,
            })
        };
    poll(LOOK_MS, under_way, move || loaded.refetch());
    let refused = actions.refused();
    view! {
        <Breadcrumbs crumbs=vec![Crumb::new("10DLC", desk.path(""))]/>
        <PageHeading
            title="Numbers"
            lead="US numbers that messages are sent from. Each is in one 10DLC campaign at a time, and sends only as part of it."
        />
        {move || refused.get().map(|error| view! { <Alert tone=Tone::Danger>{error.in_full()}</Alert> })}
        <Transition fallback=|| view! { <Loading label="Loading the numbers"/> }>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok(view) => view! { <List view former=asked.get_untracked().0 actions/> }.into_any(),
                    Err(AppError::NotFound) => view! { <ErrorView error=AppError::NotFound/> }.into_any(),
                    Err(error) => {
                        view! { <Panel><LoadError error retry=Callback::new(move |()| loaded.refetch())/></Panel> }
                            .into_any()
                    }
                }
            })}
        </Transition>
        // Not among what is loaded again: what was typed stays.
        {desk.rights.numbers.then(|| view! { <Add slug=desk.slug add=actions.add/> })}
    }
}

#[component]
fn List(view: NumbersView, former: bool, actions: Actions) -> impl IntoView {
    let desk = DeskView::here();
    let path = desk.path("/numbers");
    let NumbersView { numbers, own, former: others, taking } = view;
    let RowsPage { rows: numbers, page, pages, .. } = numbers;
    let counts = |count: u64| Signal::stored(u32::try_from(count).unwrap_or(u32::MAX));
    let tabs = vec![
        Tab::new("In the workspace", path.clone(), !former).count(counts(own)),
        Tab::new("Former", format!("{path}?show=former"), former).count(counts(others)),
    ];
    let href = move |page: u32| {
        let show = if former { "former" } else { "" };
        address(&path, [("show", show.to_owned()), ("page", page.to_string())])
    };
    let body = if numbers.is_empty() {
        let (title, text) = if former {
            ("There is no former number", "Numbers that are released stay here, with where they were.")
        } else {
            (
                "There is no number yet",
                "Add the US numbers that your provider has given you, and assign them to a 10DLC campaign.",
            )
        };
        view! { <EmptyState title text/> }.into_any()
    } else {
        let taking = StoredValue::new(taking);
        let rows = numbers.into_iter().map(|row| view! { <Row row taking actions/> }).collect_view();
        view! {
            <Table caption=if former { "Former numbers of the workspace" } else { "Numbers of the workspace" }>
                <thead>
                    <tr>
                        <th scope="col">"Number"</th>
                        <th scope="col">"State"</th>
                        <th scope="col">"10DLC campaign"</th>
                        <th scope="col">"Earlier"</th>
                        <th scope="col"><span class="sr-only">"Actions"</span></th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
        }
        .into_any()
    };
    view! {
        <Tabs label="Numbers" tabs/>
        <Panel flush=true>
            {body}
            <Pagination page pages href/>
        </Panel>
    }
}

#[component]
fn Row(row: NumberRow, taking: StoredValue<Vec<Taking>>, actions: Actions) -> impl IntoView {
    let desk = DeskView::here();
    let campaign = match (&row.campaign, &row.since) {
        (Some(id), Some(since)) => {
            let href = desk.path(&format!("/campaigns/{id}"));
            view! {
                <a class="link" href=href>{row.title.clone()}</a>
                <span class="block text-xs text-muted">"since " <When moment=since.clone()/></span>
            }
            .into_any()
        }
        _ => view! { <span class="text-muted">"–"</span> }.into_any(),
    };
    let earlier = row
        .history
        .iter()
        .cloned()
        .map(|past| {
            let href = desk.path(&format!("/campaigns/{}", past.campaign));
            view! {
                <li>
                    <a class="link" href=href>{past.title}</a> ", " <When moment=past.from/> " to " <When moment=past.to/>
                    {past.reason.map(|reason| view! { <span class="block text-muted">{reason}</span> })}
                </li>
            }
        })
        .collect_view();
    let may = desk.rights.numbers;
    let free = row.state.is_none() && row.own;
    let (number, state) = (row.number.clone(), row.state);
    view! {
        <tr class="align-top">
            <th scope="row" class="font-mono text-sm font-medium whitespace-nowrap">{row.number}</th>
            <td><NumberBadge state/></td>
            <td class="min-w-44 break-words">{campaign}</td>
            <td class="min-w-52 text-xs">
                <ul class="flex flex-col gap-1">{earlier}</ul>
            </td>
            <td class="text-right">{(may && free).then(|| view! { <Free number taking actions/> })}</td>
        </tr>
    }
}

/// What can be done with a number that is in no 10DLC campaign.
#[component]
fn Free(number: String, taking: StoredValue<Vec<Taking>>, actions: Actions) -> impl IntoView {
    let digits = number.trim_start_matches('+').to_owned();
    let (assign, release) = (format!("assign-{digits}"), format!("release-{digits}"));
    let takes = taking.with_value(|taking| !taking.is_empty());
    let about = format!(" {number}");
    let assigned = about.clone();
    let open_assign = takes.then(|| {
        view! {
            <DialogOpen id=assign.clone() kind=ButtonKind::Secondary small=true>
                "Assign" <span class="sr-only">{assigned}</span>
            </DialogOpen>
        }
    });
    view! {
        <div class="flex flex-wrap justify-end gap-2">
            {open_assign}
            <DialogOpen id=release.clone() kind=ButtonKind::Quiet small=true>
                "Release" <span class="sr-only">{about}</span>
            </DialogOpen>
        </div>
        {takes.then(|| view! { <AssignOne id=assign number=number.clone() taking actions/> })}
        <ReleaseOne id=release number actions/>
    }
}

#[component]
fn AssignOne(id: String, number: String, taking: StoredValue<Vec<Taking>>, actions: Actions) -> impl IntoView {
    let select = format!("field-{id}");
    let own = select.clone();
    let options =
        taking.get_value().into_iter().map(|one| view! { <option value=one.id>{one.title}</option> }).collect_view();
    view! {
        <Dialog id=id.clone() title=format!("Assign {number}")>
            <ActionForm action=actions.assign attr:class="flex flex-col gap-4 text-left">
                <Hidden name="slug" value=DeskView::here().slug/>
                <Hidden name="free[]" value=number/>
                <Field name="id" id=select label="10DLC campaign">
                    <select id=own name="id" class="select w-full" required=true>
                        {options}
                    </select>
                </Field>
                <div class="dialog-actions">
                    <Button busy=actions.assign.pending()>"Assign it"</Button>
                    <DialogClose id/>
                </div>
            </ActionForm>
        </Dialog>
    }
}

#[component]
fn ReleaseOne(id: String, number: String, actions: Actions) -> impl IntoView {
    view! {
        <Dialog id=id.clone() title=format!("Release {number}?")>
            <p class="text-left">
                "It is no longer this workspace's own: whoever wants it in this installation may add it. What was stays on record."
            </p>
            <ActionForm action=actions.release>
                <Hidden name="slug" value=DeskView::here().slug/>
                <Hidden name="number" value=number/>
                <div class="dialog-actions">
                    <Button kind=ButtonKind::Danger busy=actions.release.pending()>"Release it"</Button>
                    <DialogClose id/>
                </div>
            </ActionForm>
        </Dialog>
    }
}

#[component]
fn Add(slug: String, add: ServerAction<AddTendlcNumbers>) -> impl IntoView {
    let form = NodeRef::<html::Form>::new();
    reset_when_done(form, add.into());
    let refused: Signal<Option<AppError>> = Signal::derive(move || add.value().get().and_then(Result::err));
    let wrong = Signal::derive(move || refused.get().and_then(|error| error.field_error("numbers")));
    let done = move || match add.value().get() {
        Some(Ok(done)) => Some(format!("{} in the workspace.", counted(done.done.into(), "number is", "numbers are"))),
        _ => None,
    };
    view! {
        <Panel title="Add numbers">
            <ActionForm action=add attr:class="form" node_ref=form>
                <ErrorSummary error=refused/>
                <div role="status">{move || done().map(|text| view! { <Alert tone=Tone::Success>{text}</Alert> })}</div>
                <Hidden name="slug" value=slug/>
                <Kept path=AddTendlcNumbers::PATH>
                <TextArea
                    name="numbers"
                    label="One number a line"
                    rows=4
                    placeholder="+13035550100"
                    hint="US numbers that are not toll-free, 100 at a time. They are nobody else's in this installation until they are released."
                    error=wrong
                />
                </Kept>
                <div class="form-actions">
                    <Button busy=add.pending()>"Add"</Button>
                </div>
            </ActionForm>
        </Panel>
    }
}
