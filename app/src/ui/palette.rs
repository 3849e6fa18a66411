//! The command palette: Ctrl+K, some letters of what is wanted, Enter. Pages, campaigns by name, and what the person may
//! do; the server decides again, wherever it leads.

use leptos::{prelude::*, task::spawn_local};
use leptos_router::hooks::use_navigate;

use super::{
    dialog,
    icon::{Icon, IconName},
    shortcuts,
};
use crate::{
    api::{
        account::SignOut,
        campaigns::list::{ListQuery, campaigns},
    },
    state::keys::Keys,
};

const DIALOG: &str = "palette";
const LIST: &str = "palette-list";
/// So many are shown of the commands, and as many of the campaigns: both fit on a phone.
const MOST: usize = 6;
/// With fewer letters half of the campaigns would be found.
const SEARCHED: usize = 2;
/// After so long without another letter campaigns are searched.
#[cfg(feature = "hydrate")]
const WAIT_MS: u32 = 200;

/// Something to choose in the palette.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    label: String,
    /// What it is, such as "Page".
    kind: &'static str,
    deed: Deed,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Deed {
    Go(String),
    Shortcuts,
    SignOut,
}

impl Command {
    /// Leads to an address of the application.
    pub fn go(kind: &'static str, label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), kind, deed: Deed::Go(href.into()) }
    }

    /// What everybody can do everywhere.
    pub(super) fn of_everybody() -> Vec<Self> {
        let own = |label: &str, deed| Self { label: label.to_owned(), kind: "Action", deed };
        vec![own("Keyboard shortcuts", Deed::Shortcuts), own("Sign out", Deed::SignOut)]
    }
}

/// Those whose label has every word that was typed; what begins with the first of them comes first.
fn matching(commands: &[Command], typed: &str) -> Vec<Command> {
    let typed = typed.to_lowercase();
    let words: Vec<&str> = typed.split_whitespace().collect();
    let mut found: Vec<(bool, &Command)> = commands
        .iter()
        .filter_map(|command| {
            let label = command.label.to_lowercase();
            let first = words.first().copied().unwrap_or_default();
            words.iter().all(|word| label.contains(word)).then(|| (!label.starts_with(first), command))
        })
        .collect();
    found.sort_by_key(|(later, _)| *later);
    found.into_iter().take(MOST).map(|(_, command)| command.clone()).collect()
}

/// A button for it, and the dialog. With `slug` the campaigns of that workspace are searched.
#[component]
pub(super) fn Palette(commands: Vec<Command>, slug: Option<String>) -> impl IntoView {
    let commands = StoredValue::new(commands);
    let slug = StoredValue::new(slug);
    let typed = RwSignal::new(String::new());
    let shown = RwSignal::new(false);
    let at = RwSignal::new(0_usize);
    let of_campaigns = RwSignal::new(Vec::<Command>::new());
    let found = Memo::new(move |_| {
        let mut found = commands.with_value(|commands| matching(commands, &typed.read()));
        found.extend(of_campaigns.get());
        found
    });
    // An answer to what is not asked any more is not shown.
    let asked = StoredValue::new(0_u32);
    let search = move |text: String| {
        let Some(slug) = slug.get_value().filter(|_| text.trim().chars().count() >= SEARCHED) else { return };
        let ticket = asked.get_value();
        let ask = move || {
            let wanted = move || asked.try_get_value() == Some(ticket);
            if !wanted() {
                return;
            }
            spawn_local(async move {
                let query = ListQuery { search: text, ..ListQuery::default() };
                let Ok(list) = campaigns(slug.clone(), query).await else { return };
                if wanted() {
                    let command = |row: crate::api::campaigns::list::CampaignRow| {
                        Command::go(row.status.label(), row.name, format!("/w/{slug}/campaigns/{}", row.id))
                    };
                    of_campaigns.set(list.rows.into_iter().take(MOST).map(command).collect());
                }
            });
        };
        #[cfg(feature = "hydrate")]
        gloo_timers::callback::Timeout::new(WAIT_MS, ask).forget();
        #[cfg(not(feature = "hydrate"))]
        let _ = ask;
    };
    let typing = move |text: String| {
        asked.update_value(|asked| *asked = asked.wrapping_add(1));
        at.set(0);
        of_campaigns.set(Vec::new());
        search(text.clone());
        typed.set(text);
    };
    let open = move || {
        typing(String::new());
        shown.set(true);
        dialog::open(DIALOG);
    };
    Keys::here().listen(shortcuts::open, open);
    let navigate = use_navigate();
    let sign_out = ServerAction::<SignOut>::new();
    let carry_out = StoredValue::new(move |index: usize| {
        let Some(command) = found.with_untracked(|found| found.get(index).cloned()) else { return };
        dialog::close(DIALOG);
        match command.deed {
            Deed::Go(href) => navigate(&href, Default::default()),
            Deed::Shortcuts => shortcuts::open(),
            Deed::SignOut => _ = sign_out.dispatch(SignOut {}),
        }
    });
    let pressed = move |event: leptos::ev::KeyboardEvent| {
        let count = found.with_untracked(Vec::len);
        match event.key().as_str() {
            "ArrowDown" if count > 0 => at.update(|at| *at = (*at + 1) % count),
            "ArrowUp" if count > 0 => at.update(|at| *at = (*at + count - 1) % count),
            "Enter" => carry_out.with_value(|carry_out| carry_out(at.get_untracked())),
            _ => return,
        }
        event.prevent_default();
    };
    let rows = move || {
        let row = |(index, command): (usize, Command)| {
            view! {
                <li
                    id=format!("{LIST}-{index}")
                    role="option"
                    class="palette-option"
                    aria-selected=move || (at.get() == index).to_string()
                    on:click=move |_| carry_out.with_value(|carry_out| carry_out(index))
                >
                    <span class="min-w-0 flex-1 break-words">{command.label}</span>
                    <span class="text-sm text-muted">{command.kind}</span>
                </li>
            }
        };
        // Before it is opened no page is longer for it.
        shown.get().then(|| found.get().into_iter().enumerate().map(row).collect_view())
    };
    view! {
        <button type="button" class="btn btn-sm btn-ghost script-only max-sm:hidden shrink-0 flex-nowrap gap-2 px-2" on:click=move |_| open()>
            <Icon name=IconName::Search/>
            <span class="sr-only md:not-sr-only">"Go to"</span>
            <kbd class="kbd kbd-sm hidden lg:inline-flex" aria-hidden="true">"Ctrl K"</kbd>
        </button>
        <dialog id=DIALOG class="dialog palette" aria-label="Go to, or do something" on:close=move |_| shown.set(false)>
            <input
                type="text"
                role="combobox"
                class="input w-full"
                aria-label="Page, campaign or action"
                placeholder="Page, campaign or action"
                autocomplete="off"
                aria-autocomplete="list"
                aria-controls=LIST
                aria-expanded=move || found.with(|found| !found.is_empty()).to_string()
                aria-activedescendant=move || {
                    found.with(|found| (at.get() < found.len()).then(|| format!("{LIST}-{}", at.get())))
                }
                prop:value=move || typed.get()
                on:input=move |event| typing(event_target_value(&event))
                on:keydown=pressed
            />
            <ul id=LIST role="listbox" aria-label="What was found" class="mt-3 flex flex-col">{rows}</ul>
            <p role="status" class="text-sm text-muted">
                {move || found.with(Vec::is_empty).then_some("Nothing here is called so.")}
            </p>
        </dialog>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(typed: &str) -> Vec<String> {
        let commands = ["Overview", "Campaigns", "New campaign", "Senders", "New sender name"]
            .map(|label| Command::go("Page", label, "/"));
        matching(&commands, typed).into_iter().map(|command| command.label).collect()
    }

    #[test]
    fn every_word_counts_and_beginnings_come_first() {
        assert_eq!(labels("campaign"), ["Campaigns", "New campaign"]);
        assert_eq!(labels(" NEW  send "), ["New sender name"]);
        assert_eq!(labels("s"), ["Senders", "Campaigns", "New sender name"]);
        assert!(labels("invoice").is_empty());
        assert_eq!(labels("").len(), 5);
    }
}
