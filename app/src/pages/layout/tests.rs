use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use axum::{
    body::{Body, to_bytes},
    http::{Request, StatusCode},
};
use domain::{permission::Capacity, workspace::Rules};
use leptos_axum::{generate_route_list, render_app_async_with_context};
use leptos_meta::provide_meta_context;
use leptos_router::{
    SsrMode,
    components::{ParentRoute, Route, Router, Routes},
    path,
};

use super::*;
use crate::api::registry::Rights;

/// How often a page was rendered, and how often what it shows was loaded.
#[derive(Debug, Clone, Default)]
struct Counts {
    rendered: Arc<AtomicU32>,
    loaded: Arc<AtomicU32>,
}

#[component]
fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <html>
            <head></head>
            <body>
                <Router>
                    <Routes fallback=|| ()>
                        <ParentRoute path=path!("/w/:slug") view=WorkspaceLayout ssr=SsrMode::Async>
                            <Route path=path!("/page") view=Page ssr=SsrMode::Async/>
                        </ParentRoute>
                    </Routes>
                </Router>
            </body>
        </html>
    }
}

#[component]
fn Page() -> impl IntoView {
    let counts = expect_context::<Counts>();
    counts.rendered.fetch_add(1, Ordering::Relaxed);
    let name = use_workspace().display_name;
    let content = Resource::new(
        || (),
        move |()| {
            let loaded = counts.loaded.clone();
            async move {
                tokio::task::yield_now().await;
                format!("loaded {}", loaded.fetch_add(1, Ordering::Relaxed) + 1)
            }
        },
    );
    view! {
        <h1>{name}</h1>
        <Suspense>{move || Suspend::new(async move { view! { <p>{content.await}</p> } })}</Suspense>
    }
}

fn entry(entered: Result<(Viewer, WorkspaceView), AppError>) -> Entry {
    let entered = entered.map(|(viewer, workspace)| (viewer, Inside::Member(workspace)));
    Entry { slug: "acme".to_owned(), entered }
}

fn member() -> (Viewer, WorkspaceView) {
    let viewer = Viewer {
        name: "Ann".to_owned(),
        email: "ann@example.com".to_owned(),
        super_admin: false,
        staff: false,
        unread: 0,
        workspaces: Vec::new(),
    };
    let workspace = WorkspaceView {
        slug: "acme".to_owned(),
        display_name: "Acme Ltd".to_owned(),
        time_zone: "Europe/London".to_owned(),
        default_country: "GB".to_owned(),
        four_eyes: true,
        capacity: Capacity::Author,
        rules: Rules::default(),
        waiting: 0,
        asking: 0,
        registry: Rights::default(),
        simulator: false,
        held: None,
        channel_down: None,
    };
    (viewer, workspace)
}

/// What is answered to a request for the page, with what the server found out before.
async fn get(entry: Entry) -> (StatusCode, String, Counts) {
    // As at start-up; it readies what spawns tasks, too.
    assert!(!generate_route_list(App).is_empty());
    let counts = Counts::default();
    let context = {
        let counts = counts.clone();
        move || provide_context(counts.clone())
    };
    let mut request = Request::get("/w/acme/page").header("accept", "text/html").body(Body::empty()).unwrap();
    request.extensions_mut().insert(entry);
    let response = render_app_async_with_context(context, App)(request).await;
    let status = response.status();
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap(), counts)
}

#[tokio::test]
async fn a_page_is_rendered_and_loaded_once() {
    let (status, html, counts) = get(entry(Ok(member()))).await;
    assert_eq!(status, StatusCode::OK);
    assert!(html.contains("Acme Ltd"), "{html}");
    assert!(html.contains("loaded 1"), "{html}");
    assert_eq!(counts.rendered.load(Ordering::Relaxed), 1, "rendered");
    assert_eq!(counts.loaded.load(Ordering::Relaxed), 1, "loaded");
}

#[tokio::test]
async fn a_former_address_leads_to_the_same_page_at_that_of_today() {
    let (viewer, workspace) = member();
    let moved = WorkspaceView { slug: "acme-bank".to_owned(), ..workspace };
    let (status, _, counts) = get(entry(Ok((viewer, moved)))).await;
    assert_eq!(status, StatusCode::FOUND);
    assert_eq!(counts.rendered.load(Ordering::Relaxed), 0, "rendered");
}

#[tokio::test]
async fn nothing_of_a_page_is_rendered_for_somebody_who_may_not_be_there() {
    for error in [AppError::NotFound, AppError::SignedOut] {
        let (status, html, counts) = get(entry(Err(error.clone()))).await;
        assert!(!html.contains("Acme Ltd"), "{html}");
        assert_eq!(counts.rendered.load(Ordering::Relaxed), 0, "rendered");
        let expected = if error == AppError::SignedOut { StatusCode::FOUND } else { StatusCode::NOT_FOUND };
        assert_eq!(status, expected);
    }
}
