//! The list of keys, of a workspace and of the installation alike.

use domain::api_key::KeyState;
use leptos::prelude::*;

use super::fresh::Fresh;
use crate::{
    api::keys::{KeyRow, Keys},
    error::AppError,
    ui::prelude::*,
};

/// The keys as they are loaded, with the one that was made just now where no script has kept it.
#[component]
pub fn KeyList(
    keys: Resource<Result<Keys, AppError>>,
    /// Keys of the installation have no scopes.
    #[prop(optional)]
    without_scopes: bool,
    /// The form that ends the key with this id.
    revoke: Callback<String, AnyView>,
) -> impl IntoView {
    view! {
        <Panel flush=true>
            <Transition fallback=|| view! { <Loading label="Loading the keys"/> }>
                {move || Suspend::new(async move {
                    match keys.await {
                        Ok(Keys { rows, fresh }) => {
                            let fresh = fresh.map(|key| view! { <div class="p-4"><Fresh key/></div> });
                            view! { {fresh} <Rows rows without_scopes revoke/> }.into_any()
                        }
                        Err(error) => {
                            view! { <LoadError error retry=Callback::new(move |()| keys.refetch())/> }.into_any()
                        }
                    }
                })}
            </Transition>
        </Panel>
    }
}

#[component]
fn Rows(rows: Vec<KeyRow>, without_scopes: bool, revoke: Callback<String, AnyView>) -> impl IntoView {
    if rows.is_empty() {
        let text = "Make one below for each program, so that each can be revoked alone.";
        return view! { <EmptyState title="No key yet" text=text/> }.into_any();
    }
    let ending: Vec<_> = rows
        .iter()
        .filter(|row| row.state == KeyState::EndsSoon && !row.owner_blocked)
        .map(|row| {
            let (name, expires) = (row.name.clone(), row.expires.clone());
            view! { <li>"“" {name} "” ends " <When moment=expires/></li> }
        })
        .collect();
    let warning = (!ending.is_empty()).then(|| {
        view! {
            <div class="p-4">
                <Alert tone=Tone::Warning title="Keys that end within 14 days">
                    <ul class="list-disc pl-5">{ending}</ul>
                    <p class="mt-1">"Make another one and exchange it in the program before then."</p>
                </Alert>
            </div>
        }
    });
    let body = rows.into_iter().map(|row| view! { <Row row without_scopes revoke/> }).collect_view();
    view! {
        {warning}
        <Table caption="API keys, newest first">
            <thead>
                <tr>
                    <th scope="col">"Name"</th>
                    <th scope="col">"Begins with"</th>
                    {(!without_scopes).then(|| view! { <th scope="col">"Scopes"</th> })}
                    <th scope="col">"Owner"</th>
                    <th scope="col">"State"</th>
                    <th scope="col">"Last used"</th>
                    <th scope="col"><span class="sr-only">"Actions"</span></th>
                </tr>
            </thead>
            <tbody>{body}</tbody>
        </Table>
    }
    .into_any()
}

#[component]
fn Row(row: KeyRow, without_scopes: bool, revoke: Callback<String, AnyView>) -> impl IntoView {
    let KeyRow { id, name, start, scopes, owner, owner_blocked, created, expires, state, revoked, last_use } = row;
    let (tone, word) = match state {
        KeyState::Revoked => (Tone::Neutral, "Revoked"),
        KeyState::Expired => (Tone::Neutral, "Expired"),
        KeyState::Active | KeyState::EndsSoon if owner_blocked => (Tone::Danger, "Owner blocked"),
        KeyState::EndsSoon => (Tone::Warning, "Ends soon"),
        KeyState::Active => (Tone::Success, "Active"),
    };
    let scopes =
        scopes.into_iter().map(|scope| view! { <li class="whitespace-nowrap">{scope.name()}</li> }).collect_view();
    let until = match revoked {
        Some((by, moment)) => view! { "by " {by} " " <When moment/> }.into_any(),
        None => view! { "until " <When moment=expires/> }.into_any(),
    };
    let used = match last_use {
        Some((moment, address)) => view! {
            <When moment stacked=true/>
            <span class="block font-mono text-xs text-muted">{address}</span>
        }
        .into_any(),
        None => view! { <span class="text-muted">"never"</span> }.into_any(),
    };
    let end = state.is_active().then(|| view! { <Revoke id name=name.clone() form=revoke/> });
    view! {
        <tr class="align-top">
            <th scope="row" class="font-medium break-words">
                {name}
                <span class="block text-xs font-normal text-muted">"made " <When moment=created/></span>
            </th>
            <td class="font-mono whitespace-nowrap">{start} "…"</td>
            {(!without_scopes).then(|| view! { <td><ul class="font-mono text-xs">{scopes}</ul></td> })}
            <td class="break-words">{owner}</td>
            <td>
                <Badge tone text=word/>
                <span class="mt-1 block text-xs text-muted">{until}</span>
            </td>
            <td>{used}</td>
            <td class="text-right">{end}</td>
        </tr>
    }
}

#[component]
fn Revoke(id: String, name: String, form: Callback<String, AnyView>) -> impl IntoView {
    let dialog = format!("revoke-{id}");
    let title = format!("Revoke “{name}”?");
    view! {
        <DialogOpen id=dialog.clone() kind=ButtonKind::Secondary small=true>
            "Revoke" <span class="sr-only">{format!(" {name}")}</span>
        </DialogOpen>
        <Dialog id=dialog title>
            <p class="text-left">
                "Programs that use it are refused from their next request on. This cannot be undone."
            </p>
            {form.run(id)}
        </Dialog>
    }
}
