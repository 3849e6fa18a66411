//! Inviting people, and the invitations that were not accepted yet.

use domain::permission::{Permission, Role};
use leptos::prelude::*;

use super::{MemberTab, MemberTabs, shown_once::ShownOnce, standing::StandingFields};
use crate::{
    api::{
        forgotten::link_by_mail,
        invitations::{InvitationRow, Invite, ResendInvitation, RevokeInvitation, invitations},
    },
    error::AppError,
    pages::layout::use_workspace,
    ui::prelude::*,
};

#[component]
pub fn Invitations() -> impl IntoView {
    let workspace = use_workspace();
    if !workspace.may(Permission::ManageMembers) {
        return view! { <ErrorView error=AppError::Forbidden/> }.into_any();
    }
    let invite = ServerAction::<Invite>::new();
    let by_mail = Resource::new(|| (), |()| link_by_mail());
    let resend = ServerAction::<ResendInvitation>::new();
    let revoke = ServerAction::<RevokeInvitation>::new();
    let slug = workspace.slug.clone();
    let loaded = Resource::new(
        move || (invite.version().get(), resend.version().get(), revoke.version().get()),
        move |_| invitations(slug.clone()),
    );
    // Whatever was done last is what is shown.
    let made = RwSignal::new(None);
    let refused = RwSignal::new(None::<AppError>);
    Effect::new(move |_| match invite.value().get() {
        Some(Ok(link)) => made.set(Some(link)),
        Some(Err(_)) => made.set(None),
        None => {}
    });
    Effect::new(move |_| match resend.value().get() {
        Some(Ok(link)) => {
            made.set(Some(link));
            refused.set(None);
        }
        Some(Err(error)) => refused.set(Some(error)),
        None => {}
    });
    Effect::new(move |_| match revoke.value().get() {
        Some(Ok(())) => {
            made.set(None);
            refused.set(None);
        }
        Some(Err(error)) => refused.set(Some(error)),
        None => {}
    });
    // Without a script there are no effects, and the refusal comes with the page.
    let first =
        untrack(move || resend.value().get().and_then(Result::err).or(revoke.value().get().and_then(Result::err)));
    refused.set(first);
    view! {
        <PageHeading title="Invitations" lead="An invitation is a link that makes its holder a member, once, within a week."/>
        <MemberTabs at=MemberTab::Invitations/>
        <ShownOnce
            made
            title="A link for"
            text="It is shown once. Hand it over by a way that nobody else reads. It works once, within a week."
        />
        {move || refused.get().map(|error| view! { <Alert tone=Tone::Danger>{error.in_full()}</Alert> })}
        <InviteForm invite by_mail/>
        <Panel title="Not accepted yet" flush=true>
            <Transition fallback=|| view! { <Loading label="Loading the invitations"/> }>
                {move || Suspend::new(async move {
                    match loaded.await {
                        Ok(rows) if rows.is_empty() => {
                            view! { <EmptyState title="No invitation is open" text="Those that were accepted are among the members."/> }
                                .into_any()
                        }
                        Ok(rows) => view! { <Rows rows resend revoke/> }.into_any(),
                        Err(error) => {
                            view! { <LoadError error retry=Callback::new(move |()| loaded.refetch())/> }.into_any()
                        }
                    }
                })}
            </Transition>
        </Panel>
    }
    .into_any()
}

#[component]
fn InviteForm(
    invite: ServerAction<Invite>,
    /// A mail goes to the address as well.
    by_mail: Resource<Result<bool, AppError>>,
) -> impl IntoView {
    let workspace = use_workspace();
    let refused: Signal<Option<AppError>> = Signal::derive(move || invite.value().get().and_then(Result::err));
    let error_of =
        move |field: &'static str| Signal::derive(move || refused.get().and_then(|error| error.field_error(field)));
    let email = RwSignal::new(String::new());
    let note = RwSignal::new(String::new());
    Effect::new(move |_| {
        if invite.value().with(|value| matches!(value, Some(Ok(_)))) {
            email.set(String::new());
            note.set(String::new());
        }
    });
    view! {
        <Panel title="Invite somebody">
            <ActionForm action=invite attr:class="flex max-w-2xl flex-col gap-5">
                <ErrorSummary error=refused/>
                <Hidden name="slug" value=workspace.slug/>
                <Suspense>
                    {move || Suspend::new(async move {
                        (by_mail.await == Ok(true))
                            .then(|| view! { <p class="text-muted">"A mail with a link of its own goes to the address."</p> })
                    })}
                </Suspense>
                <TextField
                    name="email"
                    label="E-mail"
                    r#type="email"
                    inputmode="email"
                    bind=email
                    hint="The invitation is for this address, whoever holds the link."
                    error=error_of("email")
                />
                <StandingFields
                    role=Role::Author
                    comes_after="The membership ends then. Empty: it stays."
                    refused
                />
                <TextArea
                    name="note"
                    label="Note"
                    rows=2
                    maxlength=500
                    optional=true
                    bind=note
                    hint="The invited person reads it."
                    error=error_of("note")
                />
                <div>
                    <Button busy=invite.pending()>"Invite"</Button>
                </div>
            </ActionForm>
        </Panel>
    }
}

#[component]
fn Rows(
    rows: Vec<InvitationRow>,
    resend: ServerAction<ResendInvitation>,
    revoke: ServerAction<RevokeInvitation>,
) -> impl IntoView {
    let rows = rows.into_iter().map(|row| view! { <Row row resend revoke/> }).collect_view();
    view! {
        <Table caption="Invitations that were not accepted yet">
            <thead>
                <tr>
                    <th scope="col">"E-mail"</th>
                    <th scope="col">"Role"</th>
                    <th scope="col">"Invited"</th>
                    <th scope="col">"Good until"</th>
                    <th scope="col"><span class="sr-only">"Actions"</span></th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}

#[component]
fn Row(
    row: InvitationRow,
    resend: ServerAction<ResendInvitation>,
    revoke: ServerAction<RevokeInvitation>,
) -> impl IntoView {
    let slug = use_workspace().slug;
    let whom = format!(" for {}", row.email);
    let taken_back = format!(" the invitation{whom}");
    let (of, id) = (slug.clone(), row.id.clone());
    view! {
        <tr>
            <th scope="row" class="min-w-44 font-medium break-all">{row.email}</th>
            <td>
                <span class="whitespace-nowrap">{row.capacity.label()}</span>
                {row
                    .member_until
                    .map(|moment| view! { <span class="block text-xs text-muted">"until " <When moment/></span> })}
            </td>
            <td>
                <When moment=row.invited stacked=true/>
                <span class="block text-xs text-muted break-words">"by " {row.invited_by}</span>
            </td>
            <td>
                {if row.expired {
                    view! { <Badge tone=Tone::Warning text="Expired"/> }.into_any()
                } else {
                    view! { <When moment=row.expires stacked=true/> }.into_any()
                }}
            </td>
            <td>
                <div class="flex flex-wrap justify-end gap-2">
                    <ActionForm action=resend>
                        <Hidden name="slug" value=of/>
                        <Hidden name="invitation" value=id/>
                        <Button kind=ButtonKind::Secondary small=true>
                            "New link" <span class="sr-only">{whom}</span>
                        </Button>
                    </ActionForm>
                    <ActionForm action=revoke>
                        <Hidden name="slug" value=slug/>
                        <Hidden name="invitation" value=row.id/>
                        <Button kind=ButtonKind::Quiet small=true>
                            "Revoke" <span class="sr-only">{taken_back}</span>
                        </Button>
                    </ActionForm>
                </div>
            </td>
        </tr>
    }
}
