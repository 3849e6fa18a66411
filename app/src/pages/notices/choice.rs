//! `/account/notices`

use domain::notice::NoticeKind;
use leptos::prelude::*;

use crate::{
    api::notices::{ChooseMails as Choose, MailChoiceView, mail_choices},
    error::AppError,
    pages::person_layout::use_viewer,
    ui::prelude::*,
};

#[component]
pub fn ChooseMails() -> impl IntoView {
    let email = use_viewer().email;
    let choose = ServerAction::<Choose>::new();
    let loaded = Resource::new(|| (), |()| mail_choices());
    let refused: Signal<Option<AppError>> = Signal::derive(move || choose.value().get().and_then(Result::err));
    let saved = Signal::derive(move || choose.value().with(|value| value.as_ref().is_some_and(Result::is_ok)));
    view! {
        <Breadcrumbs crumbs=vec![Crumb::new("Notices", "/notices")]/>
        <PageHeading title="Mails about notices" lead=format!("Notices stand in the header in any case. Choose of which a mail goes to {email} as well.")/>
        <div role="status">
            {move || saved.get().then(|| view! { <Alert tone=Tone::Success>"Your choice is saved."</Alert> })}
        </div>
        {move || refused.get().map(|error| view! { <Alert tone=Tone::Danger>{error.in_full()}</Alert> })}
        <Panel>
            <Transition fallback=|| view! { <Loading label="Loading your choice"/> }>
                {move || Suspend::new(async move {
                    match loaded.await {
                        Ok(now) => view! { <Form now choose/> }.into_any(),
                        Err(error) => {
                            view! { <LoadError error retry=Callback::new(move |()| loaded.refetch())/> }.into_any()
                        }
                    }
                })}
            </Transition>
        </Panel>
    }
}

#[component]
fn Form(now: MailChoiceView, choose: ServerAction<Choose>) -> impl IntoView {
    // The form stays as it is after it was saved, and with it the focus.
    let revision = Signal::derive(move || {
        choose.value().with(|value| {
            value.as_ref().and_then(|saved| saved.as_ref().ok()).map_or(now.revision, |saved| saved.revision)
        })
    });
    let boxes = NoticeKind::ALL
        .map(|kind| {
            view! {
                <Checkbox
                    name=kind.name()
                    label=kind.label()
                    hint=kind.explanation()
                    checked=now.choice.wants(kind)
                />
            }
        })
        .collect_view();
    view! {
        {(!now.sends_mail)
            .then(|| {
                view! {
                    <div class="mb-5">
                        <Alert tone=Tone::Info>"This installation sends no mails yet. Your choice counts once it does."</Alert>
                    </div>
                }
            })}
        <ActionForm action=choose attr:class="flex flex-col gap-5">
            {move || view! { <Hidden name="revision" value=revision.get().to_string()/> }}
            {boxes}
            <div><Button busy=choose.pending()>"Save"</Button></div>
        </ActionForm>
    }
}
