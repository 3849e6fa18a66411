//! Messages within a page.

use leptos::{either::Either, prelude::*};

use super::{
    field::control_id,
    icon::{Icon, IconName},
    tone::Tone,
};
use crate::error::AppError;

const fn class(tone: Tone) -> &'static str {
    match tone {
        Tone::Neutral => "notice notice-neutral",
        Tone::Info => "notice notice-info",
        Tone::Success => "notice notice-success",
        Tone::Warning => "notice notice-warning",
        Tone::Danger => "notice notice-danger",
    }
}

const fn icon(tone: Tone) -> IconName {
    match tone {
        Tone::Neutral | Tone::Info => IconName::Info,
        Tone::Success => IconName::Check,
        Tone::Warning | Tone::Danger => IconName::Warning,
    }
}

/// A message in the flow of a page. Dangers are announced at once, the rest is not.
#[component]
pub fn Alert(
    #[prop(optional)] tone: Tone,
    #[prop(optional, into)] title: Option<String>,
    children: Children,
) -> impl IntoView {
    view! {
        <div class=class(tone) role=(tone == Tone::Danger).then_some("alert")>
            <Icon name=icon(tone)/>
            <div class="min-w-0 flex-1">
                {title.map(|title| view! { <p class="font-semibold break-words">{title}</p> })}
                <div>{children()}</div>
            </div>
        </div>
    }
    .into_any()
}

/// A line across the top of every page, for what concerns all work, such as the simulator being the link.
#[component]
pub fn NoticeBar(#[prop(optional)] tone: Tone, children: Children) -> impl IntoView {
    view! {
        <div class=format!("{} notice-bar", class(tone))>
            <Icon name=icon(tone)/>
            <div class="min-w-0 flex-1">{children()}</div>
        </div>
    }
    .into_any()
}

/// What a form was refused for, with links to the fields; nothing while there is no error.
#[component]
pub fn ErrorSummary(#[prop(into)] error: Signal<Option<AppError>>) -> impl IntoView {
    move || {
        error.get().map(|error| {
            let fields = error.field_errors().to_vec();
            let way_out = error.way_out().map(|(href, label)| view! { <a class="link" href=href>{label}</a> });
            view! {
                <Alert tone=Tone::Danger title=error.to_string()>
                    {way_out}
                    {if fields.is_empty() {
                        Either::Left(())
                    } else {
                        Either::Right(
                            view! {
                                <ul class="list-disc pl-5">
                                    {fields
                                        .into_iter()
                                        .map(|refused| {
                                            let href = format!("#{}", control_id(&refused.field));
                                            view! { <li><a class="link" rel="external" href=href>{refused.message}</a></li> }
                                        })
                                        .collect_view()}
                                </ul>
                            },
                        )
                    }}
                </Alert>
            }
        })
    }
}
