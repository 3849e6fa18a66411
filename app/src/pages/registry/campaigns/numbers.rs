//! The numbers of a 10DLC campaign: assigned here, taken out here, and those that were in it.

use domain::tendlc::CampaignPhase;
use leptos::{html, prelude::*, server_fn::ServerFn as _};

use super::actions::Actions;
use crate::{
    api::registry::{
        DeskView,
        campaigns::TenDlcView,
        numbers::{AssignTendlcNumbers, NumberRow, NumberStage},
        rows::RowsPage,
    },
    error::AppError,
    pages::registry::numbers::NumberBadge,
    state::{query::address, reset::reset_when_done},
    ui::{kept, prelude::*},
};

#[component]
pub fn Numbers(view: Memo<TenDlcView>, actions: Actions) -> impl IntoView {
    let desk = DeskView::here();
    let all = desk.path("/numbers");
    let takes = Memo::new(move |_| view.with(|view| view.is_registered() && view.is_open()));
    let may = desk.rights.numbers;
    let numbers = Memo::new(move |_| view.with(|view| view.numbers.clone()));
    let phase = Memo::new(move |_| view.with(|view| view.phase));
    let own = StoredValue::new(view.with_untracked(|view| desk.path(&format!("/campaigns/{}", view.id))));
    view! {
        <Panel
            title="Numbers"
            flush=true
            aside=move || view! { <a class="link text-sm" href=all.clone()>"All numbers of the workspace"</a> }
        >
            {move || {
                let RowsPage { rows, page, pages, .. } = numbers.get();
                if rows.is_empty() {
                    let text = match phase.get() {
                        CampaignPhase::Draft | CampaignPhase::OnItsWay => "Numbers can be assigned once the registry has it.",
                        CampaignPhase::Expired => "It has expired: register another, and assign the numbers to that.",
                        _ => "A US number sends only as part of a 10DLC campaign. A number is in one at a time.",
                    };
                    view! { <EmptyState title="No number is in it" text/> }.into_any()
                } else {
                    let here = own.get_value();
                    let href = move |page: u32| address(&here, [("numbers", page.to_string())]);
                    view! {
                        <Rows rows view actions/>
                        <Pagination page pages href/>
                    }
                        .into_any()
                }
            }}
            <Show when=move || may && takes.get()>
                <Assign view actions/>
            </Show>
        </Panel>
    }
}

#[component]
fn Rows(rows: Vec<NumberRow>, view: Memo<TenDlcView>, actions: Actions) -> impl IntoView {
    let id = view.with_untracked(|view| view.id.clone());
    let rows = rows.into_iter().map(|row| view! { <Row row id=id.clone() actions/> }).collect_view();
    view! {
        <Table caption="Numbers of this 10DLC campaign">
            <thead>
                <tr>
                    <th scope="col">"Number"</th>
                    <th scope="col">"State"</th>
                    <th scope="col">"Since"</th>
                    <th scope="col">"Earlier"</th>
                    <th scope="col"><span class="sr-only">"Actions"</span></th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}

#[component]
fn Row(row: NumberRow, id: String, actions: Actions) -> impl IntoView {
    let desk = DeskView::here();
    let removable = desk.rights.numbers && matches!(row.state, Some(NumberStage::Active | NumberStage::Assigning));
    let done_at_partner = match row.state {
        Some(NumberStage::Assigning) if desk.rights.confirms_numbers => Some("The partner has it"),
        Some(NumberStage::Removing) if desk.rights.confirms_numbers => Some("It is out at the partner"),
        _ => None,
    };
    let (slug, campaign, number) = (desk.slug.clone(), id.clone(), row.number.clone());
    let confirm = done_at_partner.map(move |text| {
        let about = format!(": {number}");
        view! {
            <ActionForm action=actions.confirm attr:class="mb-2">
                <Hidden name="slug" value=slug/>
                <Hidden name="id" value=campaign/>
                <Hidden name="number" value=number/>
                <Button kind=ButtonKind::Secondary small=true busy=actions.confirm.pending()>
                    {text} <span class="sr-only">{about}</span>
                </Button>
            </ActionForm>
        }
    });
    let number = row.number.clone();
    let dialog = format!("remove-{}", number.trim_start_matches('+'));
    let earlier = row
        .history
        .into_iter()
        .map(|past| {
            view! {
                <li>
                    <When moment=past.from/> " to " <When moment=past.to/>
                    {past.reason.map(|reason| view! { <span class="block text-muted">{reason}</span> })}
                </li>
            }
        })
        .collect_view();
    view! {
        <tr class="align-top">
            <th scope="row" class="font-mono text-sm font-medium whitespace-nowrap">{row.number}</th>
            <td><NumberBadge state=row.state/></td>
            <td><MaybeWhen moment=row.since stacked=true/></td>
            <td class="min-w-48 text-xs">
                <ul class="flex flex-col gap-1">{earlier}</ul>
            </td>
            <td class="text-right">
                {confirm}
                {removable
                    .then(|| {
                        let (own, about) = (dialog.clone(), format!(" {number}"));
                        view! {
                            <DialogOpen id=dialog.clone() kind=ButtonKind::Secondary small=true>
                                "Take out" <span class="sr-only">{about}</span>
                            </DialogOpen>
                            <Dialog id=dialog title=format!("Take {number} out?")>
                                <p>"Messages from it are no longer sent, until it is in a 10DLC campaign again."</p>
                                <ActionForm action=actions.remove>
                                    <Hidden name="slug" value=desk.slug/>
                                    <Hidden name="id" value=id/>
                                    <Hidden name="number" value=number/>
                                    <div class="dialog-actions">
                                        <Button kind=ButtonKind::Danger busy=actions.remove.pending()>"Take it out"</Button>
                                        <DialogClose id=own/>
                                    </div>
                                </ActionForm>
                            </Dialog>
                        }
                    })}
            </td>
        </tr>
    }
}

#[component]
fn Assign(view: Memo<TenDlcView>, actions: Actions) -> impl IntoView {
    let desk = DeskView::here();
    let form = NodeRef::<html::Form>::new();
    reset_when_done(form, actions.assign.into());
    let refused: Signal<Option<AppError>> = Signal::derive(move || actions.assign.value().get().and_then(Result::err));
    let wrong = Signal::derive(move || refused.get().and_then(|error| error.field_error("numbers")));
    let free = Memo::new(move |_| view.with(|view| view.free.clone()));
    let in_all = Memo::new(move |_| view.with(|view| view.free_in_all));
    let id = view.with_untracked(|view| view.id.clone());
    let offers = move || {
        let free = free.get();
        if free.is_empty() {
            return ().into_any();
        }
        let more = in_all.get().saturating_sub(free.len() as u64);
        let boxes = free
            .into_iter()
            .map(|number| {
                let id = format!("free-{}", number.trim_start_matches('+'));
                let ticked = kept::ticked("free[]", &number, false);
                view! {
                    <li class="flex items-center gap-3">
                        <input type="checkbox" id=id.clone() name="free[]" value=number.clone() class="checkbox checkbox-sm" checked=ticked/>
                        <label for=id class="font-mono text-sm">{number}</label>
                    </li>
                }
            })
            .collect_view();
        let rest = (more > 0).then(|| {
            let said = format!("{} more are on the page of numbers.", grouped(more));
            view! { <p class="field-hint">{said}</p> }
        });
        view! {
            <fieldset class="field">
                <legend class="field-label mb-2">"Numbers of the workspace that are free"</legend>
                <ul class="grid gap-2 sm:grid-cols-2 lg:grid-cols-3">{boxes}</ul>
                {rest}
            </fieldset>
        }
        .into_any()
    };
    view! {
        <div class="border-t border-base-300 p-4 sm:p-5">
            <h3 class="mb-3 font-semibold">"Assign numbers"</h3>
            <ActionForm action=actions.assign attr:class="form" node_ref=form>
                <ErrorSummary error=refused/>
                <Hidden name="slug" value=desk.slug/>
                <Hidden name="id" value=id/>
                <Kept path=AssignTendlcNumbers::PATH>
                {offers}
                <TextArea
                    name="numbers"
                    label="Other numbers, one a line"
                    rows=3
                    optional=true
                    placeholder="+13035550100"
                    hint="US numbers that are not toll-free. They come onto the list of the workspace's numbers."
                    error=wrong
                />
                </Kept>
                <div class="form-actions">
                    <Button busy=actions.assign.pending()>"Assign"</Button>
                </div>
            </ActionForm>
        </div>
    }
}
