//! `/installation/staff`: who registers for which workspaces.

use std::sync::Arc;

use domain::tendlc::staff::StaffRole;
use leptos::{prelude::*, server_fn::ServerFn as _, web_sys::FormData};
use leptos_router::{components::Form, hooks::use_query_map, params::ParamsMap};

use crate::{
    api::registry::{
        rows::Place,
        staff::{AssignStaff, GrantRow, StaffQuery, StaffView, UnassignStaff, staff_grants},
    },
    error::AppError,
    pages::installation::{InstallationTab, InstallationTabs},
    state::query::{name_of, named},
    ui::prelude::*,
};

const PATH: &str = "/installation/staff";

fn read(params: &ParamsMap) -> StaffQuery {
    StaffQuery {
        search: params.get_str("search").unwrap_or_default().trim().to_owned(),
        role: params.get_str("role").and_then(named),
    }
}

/// What a role lets somebody do, in the workspaces that are assigned to them.
const fn explained(role: StaffRole) -> &'static str {
    match role {
        StaffRole::Admin => "Registers brands and 10DLC campaigns, assigns numbers.",
        StaffRole::Developer => "The same as an admin.",
        StaffRole::Viewer => "Reads.",
        StaffRole::Billing => "Reads, for those who write the bills.",
    }
}

fn roles() -> Vec<Choice> {
    StaffRole::ALL.map(|role| Choice::new(name_of(role), role.label())).to_vec()
}

#[component]
pub fn StaffPage() -> impl IntoView {
    let params = use_query_map();
    let query = Memo::new(move |_| params.with(read));
    let assign = ServerAction::<AssignStaff>::new();
    // Another one than that of the form below, which would tell of it too.
    let change = ServerAction::<AssignStaff>::new();
    let unassign = ServerAction::<UnassignStaff>::new();
    let loaded = Resource::new(
        move || (query.get(), [assign.version().get(), change.version().get()], unassign.version().get()),
        |(query, ..)| staff_grants(query),
    );
    view! {
        <PageHeading
            title="10DLC staff"
            lead="People of the provider who register brands and 10DLC campaigns for workspaces, without being members of them."
        >
            <LinkButton href="/registry" kind=ButtonKind::Secondary>"What is registered"</LinkButton>
        </PageHeading>
        <InstallationTabs current=InstallationTab::Staff/>
        <Transition fallback=|| view! { <Loading label="Loading the staff"/> }>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok(StaffView { rows, workspaces }) => {
                        let query = query.get_untracked();
                        view! {
                            <Filters query=query.clone()/>
                            <Grants rows narrowed=query != StaffQuery::default() change unassign/>
                            <Assign workspaces assign/>
                        }
                            .into_any()
                    }
                    Err(error) => {
                        view! { <Panel><LoadError error retry=Callback::new(move |()| loaded.refetch())/></Panel> }
                            .into_any()
                    }
                }
            })}
        </Transition>
    }
}

/// A plain form of method GET: the filters are the address.
#[component]
fn Filters(query: StaffQuery) -> impl IntoView {
    let role = query.role.map(name_of).unwrap_or_default();
    let choices = std::iter::once(Choice::new("", "Any")).chain(roles()).collect();
    let clear = (query != StaffQuery::default())
        .then(|| view! { <LinkButton href=PATH kind=ButtonKind::Quiet>"Clear"</LinkButton> });
    view! {
        <Form method="get" action=PATH on_form_data=Arc::new(without_empty) attr:class="panel p-4" attr:role="search" attr:aria-label="Staff">
            <div class="grid items-end gap-3 sm:grid-cols-[2fr_1fr_auto]">
                <TextField name="search" label="Person or workspace" r#type="search" value=query.search filter=true/>
                <SelectField name="role" id="filter-role" label="Role" choices value=role filter=true/>
                <div class="flex gap-2">
                    <Button kind=ButtonKind::Secondary>"Apply"</Button>
                    {clear}
                </div>
            </div>
        </Form>
    }
}

/// An address names what is asked for, and not what could have been.
fn without_empty(form: &FormData) {
    for key in ["", "search", "role"] {
        if form.get(key).as_string().is_some_and(|value| value.is_empty()) {
            form.delete(key);
        }
    }
}

#[component]
fn Grants(
    rows: Vec<GrantRow>,
    narrowed: bool,
    change: ServerAction<AssignStaff>,
    unassign: ServerAction<UnassignStaff>,
) -> impl IntoView {
    let refused: Signal<Option<AppError>> = Signal::derive(move || {
        let refusals = [change.value().get().and_then(Result::err), unassign.value().get().and_then(Result::err)];
        refusals.into_iter().flatten().next()
    });
    if rows.is_empty() {
        let (title, text) = if narrowed {
            ("Nobody like that", "No assignment matches what you look for.")
        } else {
            ("Nobody is staff yet", "Super admins register brands themselves, or assign workspaces to others below.")
        };
        return view! { <Panel flush=true><EmptyState title text/></Panel> }.into_any();
    }
    let count = counted(rows.len() as u64, "assignment", "assignments");
    let body = rows.into_iter().enumerate().map(|(at, row)| view! { <Row at row change unassign/> }).collect_view();
    view! {
        <ErrorSummary error=refused/>
        <Panel flush=true>
            <p class="px-4 pt-3 text-sm text-muted">{count}</p>
            <Table caption="Assignments of workspaces to staff">
                <thead>
                    <tr>
                        <th scope="col">"Person"</th>
                        <th scope="col">"Workspace"</th>
                        <th scope="col">"Role"</th>
                        <th scope="col">"Since"</th>
                        <th scope="col"><span class="sr-only">"End"</span></th>
                    </tr>
                </thead>
                <tbody>{body}</tbody>
            </Table>
        </Panel>
    }
    .into_any()
}

#[component]
fn Row(
    at: usize,
    row: GrantRow,
    change: ServerAction<AssignStaff>,
    unassign: ServerAction<UnassignStaff>,
) -> impl IntoView {
    let GrantRow { user, name, email, place, role, since } = row;
    let dialog = format!("end-{at}");
    let label = format!("Role of {name} in {}", place.name);
    let which = format!(" the assignment of {} to {name}", place.name);
    let title = format!("Take {} from {name}?", place.name);
    let href = place.path("");
    let (email_to_change, slug_to_change) = (email.clone(), place.slug.clone());
    view! {
        <tr>
            <th scope="row" class="min-w-44 font-normal">
                <a class="link link-hover font-medium break-words" href=format!("/installation/users/{user}")>{name}</a>
                <span class="block text-xs break-all text-muted">{email.clone()}</span>
            </th>
            <td class="min-w-36 break-words"><a class="link link-hover" href=href>{place.name}</a></td>
            <td>
                <ActionForm action=change attr:class="flex min-w-52 items-center gap-2">
                    <Hidden name="email" value=email_to_change/>
                    <Hidden name="workspaces[]" value=slug_to_change/>
                    <SelectField name="role" id=format!("role-{at}") label choices=roles() value=name_of(role) in_row=true/>
                    <Button kind=ButtonKind::Secondary small=true>"Change"</Button>
                </ActionForm>
            </td>
            <td><When moment=since stacked=true/></td>
            <td class="text-right">
                <DialogOpen id=dialog.clone() kind=ButtonKind::Quiet small=true>
                    "End" <span class="sr-only">{which}</span>
                </DialogOpen>
                <Dialog id=dialog.clone() title>
                    <p>"They see nothing of it from their next request on. What they registered stays."</p>
                    <ActionForm action=unassign>
                        <Hidden name="email" value=email/>
                        <Hidden name="workspace" value=place.slug/>
                        <div class="dialog-actions">
                            <Button kind=ButtonKind::Danger busy=unassign.pending()>"End the assignment"</Button>
                            <DialogClose id=dialog/>
                        </div>
                    </ActionForm>
                </Dialog>
            </td>
        </tr>
    }
}

/// The first assignments of somebody, or further ones.
#[component]
fn Assign(workspaces: Vec<Place>, assign: ServerAction<AssignStaff>) -> impl IntoView {
    let refused: Signal<Option<AppError>> = Signal::derive(move || assign.value().get().and_then(Result::err));
    let wrong =
        move |field: &'static str| Signal::derive(move || refused.get().and_then(|error| error.field_error(field)));
    let done = move || matches!(assign.value().get(), Some(Ok(())));
    let options = workspaces
        .into_iter()
        .map(|place| Choice::new(place.slug.clone(), format!("{} ({})", place.name, place.slug)))
        .collect();
    let explanations = StaffRole::ALL
        .map(|role| view! { <li><span class="font-medium">{role.label()}</span> ": " {explained(role)}</li> });
    view! {
        <Panel title="Assign workspaces">
            <ActionForm action=assign attr:class="flex max-w-3xl flex-col gap-5">
                <ErrorSummary error=refused/>
                <p role="status">{move || done().then_some("It is assigned.")}</p>
                <Kept path=AssignStaff::PATH>
                <div class="grid gap-5 sm:grid-cols-2">
                    <TextField
                        name="email"
                        label="E-mail"
                        r#type="email"
                        hint="Of somebody who has an account here."
                        error=wrong("email")
                    />
                    <SelectField name="role" label="Role" choices=roles() value=name_of(StaffRole::Admin)/>
                </div>
                <ul class="text-sm text-muted">{explanations}</ul>
                <PickMany name="workspaces" legend="Workspaces" options error=wrong("workspaces")/>
                </Kept>
                <div>
                    <Button busy=assign.pending()>"Assign"</Button>
                </div>
            </ActionForm>
        </Panel>
    }
}
