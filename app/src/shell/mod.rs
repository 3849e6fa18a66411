//! The document around the pages, and what is common to all of them.

mod assets;
mod head;

use leptos::prelude::*;
use leptos_meta::{MetaTags, Title, provide_meta_context};
use leptos_router::components::Router;

pub use self::assets::Assets;
use self::head::Boot;
use crate::{
    pages,
    state::{keys::Keys, theme},
    ui::{
        bell::NoticesRead,
        heading::PageFocus,
        toast::{ToastRegion, Toasts},
    },
};

const PRODUCT: &str = "Message Center";

/// The whole HTML document, on the server.
#[must_use]
pub fn document() -> impl IntoView {
    let assets = use_context::<Assets>().unwrap_or_default();
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme::chosen().attribute()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <link rel="icon" href="/icon.svg" type="image/svg+xml"/>
                {(!assets.css.is_empty()).then(|| view! { <link rel="stylesheet" href=assets.css.clone()/> })}
                <Boot assets/>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// The pages within the document: the part that is hydrated.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    provide_context(Toasts::default());
    provide_context(PageFocus::default());
    provide_context(NoticesRead::default());
    provide_context(Keys::default());
    view! {
        <Title formatter=title/>
        <a href="#main" class="skip-link">"Skip to the content"</a>
        <Router>
            <pages::Pages/>
        </Router>
        <ToastRegion/>
    }
}

fn title(page: String) -> String {
    if page.is_empty() { PRODUCT.to_owned() } else { format!("{page} · {PRODUCT}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_names_page_and_product() {
        assert_eq!(title("Sign in".to_owned()), "Sign in · Message Center");
        assert_eq!(title(String::new()), "Message Center");
    }
}
