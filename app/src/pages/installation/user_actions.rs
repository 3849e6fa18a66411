//! What a super admin can do with somebody's account. What takes something away asks first.

use leptos::prelude::*;

use crate::{
    api::installation::users::{
        ChangeUser, EndUserSessions, ResetUserPassword, ResetUserSecondFactor, UserChange, UserState,
    },
    error::AppError,
    state::query::name_of,
    ui::prelude::*,
};

/// Made where the page begins.
#[derive(Clone, Copy)]
pub(super) struct Actions {
    pub change: ServerAction<ChangeUser>,
    pub link: ServerAction<ResetUserPassword>,
    pub factor: ServerAction<ResetUserSecondFactor>,
    pub sessions: ServerAction<EndUserSessions>,
}

impl Actions {
    pub fn new() -> Self {
        Self {
            change: ServerAction::new(),
            link: ServerAction::new(),
            factor: ServerAction::new(),
            sessions: ServerAction::new(),
        }
    }

    pub fn versions(self) -> [usize; 3] {
        [self.change.version().get(), self.factor.version().get(), self.sessions.version().get()]
    }

    pub fn refused(self) -> Option<AppError> {
        let Self { change, link, factor, sessions } = self;
        [
            change.value().get().and_then(Result::err),
            link.value().get().and_then(Result::err),
            factor.value().get().and_then(Result::err),
            sessions.value().get().and_then(Result::err),
        ]
        .into_iter()
        .flatten()
        .next()
    }
}

/// Password, second factor, sessions.
#[component]
pub(super) fn Access(
    id: String,
    name: String,
    state: UserState,
    second_factor: bool,
    sessions: u32,
    actions: Actions,
) -> impl IntoView {
    let blocked = state == UserState::Blocked;
    let link_label = if state == UserState::WithoutPassword { "Make a new link" } else { "Reset the password" };
    let (for_link, for_factor, for_sessions) = (id.clone(), id.clone(), id);
    view! {
        <Panel title="Access">
            <div class="flex flex-col items-start gap-4">
                {(!blocked)
                    .then(|| {
                        view! {
                            <div>
                                <ActionForm action=actions.link>
                                    <Hidden name="user" value=for_link/>
                                    <Button kind=ButtonKind::Secondary busy=actions.link.pending()>{link_label}</Button>
                                </ActionForm>
                                <p class="field-hint mt-1">"Makes a one-time link. The present password works until it is used."</p>
                            </div>
                        }
                    })}
                {second_factor
                    .then(|| {
                        view! {
                            <Ask
                                id="reset-factor"
                                open="Reset the second factor"
                                title=format!("Reset the second factor of {name}?")
                                text="For somebody who has lost authenticator and recovery codes. Make sure that it is them who asks. Their sessions end."
                            >
                                <ActionForm action=actions.factor>
                                    <Hidden name="user" value=for_factor/>
                                    <div class="dialog-actions">
                                        <Button kind=ButtonKind::Danger busy=actions.factor.pending()>"Reset"</Button>
                                        <DialogClose id="reset-factor"/>
                                    </div>
                                </ActionForm>
                            </Ask>
                        }
                    })}
                {(sessions > 0)
                    .then(|| {
                        view! {
                            <ActionForm action=actions.sessions>
                                <Hidden name="user" value=for_sessions/>
                                <Button kind=ButtonKind::Secondary busy=actions.sessions.pending()>"End all sessions"</Button>
                            </ActionForm>
                        }
                    })}
            </div>
        </Panel>
    }
}

/// Blocking, and being a super admin.
#[component]
pub(super) fn Rights(id: String, name: String, state: UserState, super_admin: bool, actions: Actions) -> impl IntoView {
    let change = actions.change;
    let blocked = state == UserState::Blocked;
    let (first, second) = (id.clone(), id);
    let rights = if super_admin {
        view! {
            <Ask
                id="demote"
                open="Take super admin away"
                title=format!("Take the rights of a super admin from {name}?")
                text="They stay what they are in their workspaces. It acts on their next request."
            >
                <Change id=second change action=UserChange::Demote label="Take away" dialog="demote"/>
            </Ask>
        }
        .into_any()
    } else {
        view! {
            <Ask
                id="promote"
                open="Make a super admin"
                title=format!("Make {name} a super admin?")
                text="They will rule over all workspaces, users and settings, like you."
            >
                <Change id=second change action=UserChange::Promote label="Make a super admin" dialog="promote"/>
            </Ask>
        }
        .into_any()
    };
    view! {
        <Panel title="Rights">
            <div class="flex flex-col items-start gap-4">
                {if blocked {
                    view! {
                        <ActionForm action=change>
                            <Hidden name="user" value=first/>
                            <Hidden name="change" value=name_of(UserChange::Restore)/>
                            <Button kind=ButtonKind::Secondary busy=change.pending()>"Restore the account"</Button>
                        </ActionForm>
                    }
                        .into_any()
                } else {
                    view! {
                        <Ask
                            id="block"
                            open="Block the account"
                            title=format!("Block {name}?")
                            text="They are out from their next request on: sessions and one-time links end. Their campaigns go on."
                        >
                            <Change id=first change action=UserChange::Block label="Block" dialog="block"/>
                        </Ask>
                    }
                        .into_any()
                }}
                {rights}
            </div>
        </Panel>
    }
}

/// A button that opens a question.
#[component]
fn Ask(
    id: &'static str,
    open: &'static str,
    #[prop(into)] title: String,
    text: &'static str,
    children: Children,
) -> impl IntoView {
    view! {
        <div>
            <DialogOpen id kind=ButtonKind::Secondary>{open}</DialogOpen>
            <Dialog id title>
                <p>{text}</p>
                {children()}
            </Dialog>
        </div>
    }
}

#[component]
fn Change(
    id: String,
    change: ServerAction<ChangeUser>,
    action: UserChange,
    label: &'static str,
    dialog: &'static str,
) -> impl IntoView {
    view! {
        <ActionForm action=change>
            <Hidden name="user" value=id/>
            <Hidden name="change" value=name_of(action)/>
            <div class="dialog-actions">
                <Button kind=ButtonKind::Danger busy=change.pending()>{label}</Button>
                <DialogClose id=dialog/>
            </div>
        </ActionForm>
    }
}
