//! `/notices`

use leptos::{html::A, prelude::*, task::spawn_local};

use crate::{
    api::notices::{NoticeView, ReadAllNotices, ReadNotice, notices, read_notice},
    error::AppError,
    ui::{bell::NoticesRead, prelude::*},
};

/// What the list and its rows share.
#[derive(Clone, Copy)]
struct Reading {
    one: ServerAction<ReadNotice>,
    all: ServerAction<ReadAllNotices>,
}

#[component]
pub fn NoticeList() -> impl IntoView {
    let reading = Reading { one: ServerAction::new(), all: ServerAction::new() };
    let loaded = Resource::new(|| (), |()| notices());
    let refused: Signal<Option<AppError>> = Signal::derive(move || {
        let one = reading.one.value().get().and_then(Result::err);
        one.or_else(|| reading.all.value().get().and_then(Result::err))
    });
    view! {
        <PageHeading title="Notices" lead="What waits for you, and what became of what you submitted, in all your workspaces.">
            <LinkButton href="/account/notices" kind=ButtonKind::Secondary>"Mails about notices"</LinkButton>
        </PageHeading>
        {move || refused.get().map(|error| view! { <Alert tone=Tone::Danger>{error.in_full()}</Alert> })}
        <Panel flush=true>
            <Transition fallback=|| view! { <Loading label="Loading the notices"/> }>
                {move || Suspend::new(async move {
                    match loaded.await {
                        Ok(notices) if notices.is_empty() => {
                            view! {
                                <EmptyState
                                    title="Nothing to tell you"
                                    text="When something waits for your decision, or what you submitted is decided, it stands here."
                                />
                            }
                                .into_any()
                        }
                        Ok(notices) => view! { <All notices reading/> }.into_any(),
                        Err(error) => {
                            view! { <LoadError error retry=Callback::new(move |()| loaded.refetch())/> }.into_any()
                        }
                    }
                })}
            </Transition>
        </Panel>
    }
}

/// Rows stay where they are when they are read, so that nobody loses their place.
#[component]
fn All(notices: Vec<NoticeView>, reading: Reading) -> impl IntoView {
    let rows: Vec<(NoticeView, RwSignal<bool>)> = notices
        .into_iter()
        .map(|notice| (notice.read, notice))
        .map(|(read, notice)| (notice, RwSignal::new(read)))
        .collect();
    let marks: Vec<(String, RwSignal<bool>)> = rows.iter().map(|(notice, read)| (notice.id.clone(), *read)).collect();
    follow(&marks, reading);
    let reads: Vec<_> = marks.iter().map(|(_, read)| *read).collect();
    let any_unread = Memo::new(move |_| reads.iter().any(|read| !read.get()));
    let rows = rows.into_iter().map(|(notice, read)| view! { <Row notice read reading/> }).collect_view();
    view! {
        {move || {
            any_unread
                .get()
                .then(|| {
                    view! {
                        <ActionForm action=reading.all attr:class="flex justify-end p-3">
                            <Button kind=ButtonKind::Secondary small=true busy=reading.all.pending()>"Mark all as read"</Button>
                        </ActionForm>
                    }
                })
        }}
        <ul class="divide-y divide-base-300">{rows}</ul>
    }
}

/// Marks rows once the server has said so, and tells the header.
fn follow(marks: &[(String, RwSignal<bool>)], reading: Reading) {
    let header = use_context::<NoticesRead>();
    let tell = move || {
        if let Some(header) = header {
            header.tell();
        }
    };
    let asked = StoredValue::new(Vec::<String>::new());
    Effect::new(move |_| {
        if let Some(id) = reading.one.input().with(|input| input.as_ref().map(|input| input.id.clone())) {
            asked.update_value(|asked| asked.push(id));
        }
    });
    let ones = marks.to_vec();
    Effect::new(move |_| {
        if let Some(Ok(())) = reading.one.value().get() {
            let read = ones.iter().filter(|(id, _)| asked.with_value(|asked| asked.contains(id)));
            read.for_each(|(_, read)| read.set(true));
            tell();
        }
    });
    let all: Vec<_> = marks.iter().map(|(_, read)| *read).collect();
    Effect::new(move |_| {
        if let Some(Ok(())) = reading.all.value().get() {
            all.iter().for_each(|read| read.set(true));
            tell();
        }
    });
}

/// Opening what it is about reads it too, where there is a script.
#[component]
fn Row(notice: NoticeView, read: RwSignal<bool>, reading: Reading) -> impl IntoView {
    let NoticeView { id, sentence, note, href, workspace, at, .. } = notice;
    let link = NodeRef::<A>::new();
    Effect::new(move |before: Option<bool>| {
        let now = read.get();
        if before == Some(false) && now {
            keep_focus(link);
        }
        now
    });
    let header = use_context::<NoticesRead>();
    let (opened, asked) = (id.clone(), id.clone());
    let busy =
        Signal::derive(move || reading.one.input().with(|input| input.as_ref().is_some_and(|input| input.id == asked)));
    let spoken = format!(": {sentence}");
    view! {
        <li class="flex flex-wrap items-start gap-x-4 gap-y-2 p-4">
            <div class="min-w-0 flex-1 basis-64">
                <p class="break-words">
                    {move || (!read.get()).then(|| view! { <Badge tone=Tone::Info text="New"/> " " })}
                    <a
                        node_ref=link
                        href=href
                        class="link"
                        class:font-semibold=move || !read.get()
                        on:click=move |_| {
                            if !read.get_untracked() {
                                open(opened.clone(), read, header);
                            }
                        }
                    >
                        {sentence}
                    </a>
                </p>
                {note.map(|note| view! { <p class="mt-1 whitespace-pre-line break-words text-muted">{note}</p> })}
                <p class="mt-1 text-sm text-muted">{workspace} " · " <When moment=at/></p>
            </div>
            {move || {
                let (id, spoken) = (id.clone(), spoken.clone());
                (!read.get())
                    .then(|| {
                        view! {
                            <ActionForm action=reading.one>
                                <Hidden name="id" value=id/>
                                <Button kind=ButtonKind::Quiet small=true busy>
                                    "Mark as read" <span class="sr-only">{spoken}</span>
                                </Button>
                            </ActionForm>
                        }
                    })
            }}
        </li>
    }
}

/// No action of the page: that goes with the page, as a rule before the answer comes, and the header would not be told.
fn open(id: String, read: RwSignal<bool>, header: Option<NoticesRead>) {
    spawn_local(async move {
        if read_notice(id).await.is_ok() {
            _ = read.try_set(true);
            if let Some(header) = header {
                header.tell();
            }
        }
    });
}

/// The button under the focus is gone: the focus goes to what the row is about.
fn keep_focus(link: NodeRef<A>) {
    #[cfg(feature = "hydrate")]
    {
        let active = document().active_element().map(|element| element.tag_name());
        if let (Some(link), None | Some("BODY" | "BUTTON")) = (link.get_untracked(), active.as_deref()) {
            _ = link.focus();
        }
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = link;
}
