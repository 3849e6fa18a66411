//! Where the page is.

use leptos::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crumb {
    pub label: String,
    pub href: String,
}

impl Crumb {
    pub fn new(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), href: href.into() }
    }
}

/// The way to a page, without the page itself, whose heading follows.
#[component]
pub fn Breadcrumbs(crumbs: Vec<Crumb>) -> impl IntoView {
    view! {
        <nav aria-label="Breadcrumb" class="text-sm">
            <ol class="flex flex-wrap gap-x-2 gap-y-1">
                {crumbs
                    .into_iter()
                    .map(|crumb| {
                        view! {
                            <li class="not-last:after:ml-2 not-last:after:text-muted not-last:after:content-['/']">
                                <a class="link link-hover" href=crumb.href>{crumb.label}</a>
                            </li>
                        }
                    })
                    .collect_view()}
            </ol>
        </nav>
    }
}
