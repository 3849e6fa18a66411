//! What the browser fetches when. The pages of a bundle come as one piece of WebAssembly, when the first of them is opened;
//! what several bundles need comes with whichever is first. `scripts/frontend.mjs` cuts the pieces.
//!
//! Not here, and so in the piece that every page loads: signing in, the frames around pages, and the page for what does not
//! exist.

use leptos::prelude::*;
use leptos_router::ChooseView;

#[cfg(feature = "hydrate")]
use crate::ui::error_view::ErrorView;

/// A module for the bundle, in which each page of these areas is what a route shows.
macro_rules! bundle {
    ($bundle:ident: $($area:ident { $($page:ident),+ $(,)? })+) => {
        pub mod $bundle {
            use super::*;

            $($(
                #[derive(Debug, Clone, Copy)]
                pub struct $page;

                impl ChooseView for $page {
                    #[cfg(feature = "hydrate")]
                    async fn choose(self) -> AnyView {
                        parts::$page::$page().await.unwrap_or_else(|_| not_fetched())
                    }

                    #[cfg(not(feature = "hydrate"))]
                    async fn choose(self) -> AnyView {
                        announce(stringify!($bundle));
                        crate::pages::$area::$page().into_any()
                    }

                    // Before a page is hydrated, its bundle has to be there: it is not waited for in the middle.
                    #[cfg(feature = "hydrate")]
                    async fn preload(&self) {
                        _ = parts::$page::fetch().await;
                    }

                    #[cfg(not(feature = "hydrate"))]
                    async fn preload(&self) {}
                }
            )+)+

            /// A way into the bundle for each page.
            #[cfg(feature = "hydrate")]
            #[allow(non_snake_case, reason = "named as the components are")]
            mod parts {
                $($(
                    pub mod $page {
                        use leptos::{prelude::*, wasm_split};

                        #[wasm_split::wasm_split(
                            $bundle,
                            wasm_split_path = wasm_split,
                            fallible,
                            preload(fetch)
                        )]
                        pub fn $page() -> Result<AnyView, wasm_split::SplitLoaderError> {
                            Ok(crate::pages::$area::$page().into_any())
                        }
                    }
                )+)+
            }
        }
    };
}

bundle! { person:
    account { CodePage, Forgot, OneTimeLink, Password, Profile, SecondFactor, Sessions }
    archive { Archive }
    members { Accept, Join }
    notices { ChooseMails, NoticeList }
}

bundle! { work:
    campaigns { CampaignDetail, CampaignList }
    moderation { Moderation }
    overview { Overview }
}

bundle! { making:
    registry {
        BrandPage, EditBrand, EditTenDlc, NewBrandPage, NewTenDlc, RegistryHome, TenDlcDetail, TenDlcNumbers,
    }
    senders { NewSender, SenderDetail, SenderList }
    templates { NewTemplate, TemplateDetail, TemplateList }
    test_sends { SendTestPage }
    wizard { EditCampaign, NewCampaign }
}

bundle! { workspace:
    audit { WorkspaceAudit }
    diagnostics { WorkspaceDiagnosticsPage }
    inbound { InboundList }
    keys { ApiKeys }
    members { Invitations, MemberPage, Members, RequestPage, Requests, Roles }
    monitoring { WorkspaceMonitoringPage }
    number { OneNumber }
    settings { Settings }
    suppression { Suppression }
    test_sends { TestNumbers }
    usage { WorkspaceUsage }
    webhooks { WebhookList }
}

bundle! { operation:
    audit { InstallationAudit }
    diagnostics { Diagnostics }
    installation {
        Blacklist, InstallationSettings, LinkDetail, LinkList, NewLink, NewPool, NewPreset, NewSenderPreset, NewUser,
        PoolPage, PresetList, PresetPage, SenderPresetList, SenderPresetPage, UserDetail, UserList,
    }
    keys { InstallationKeys }
    master { MasterCampaigns, MasterWorkspaces, NewWorkspace }
    monitoring { GrafanaPage, MonitoringPage }
    notices { Outbox }
    registry { RegistryOverview, StaffPage }
    usage { MasterUsage }
}

/// In the place of a page whose bundle did not come: the line is down, or the server was replaced by a newer one.
#[cfg(feature = "hydrate")]
fn not_fetched() -> AnyView {
    view! { <ErrorView error=crate::error::AppError::PageNotFetched/> }.into_any()
}

/// Tells the browser to fetch a bundle already while it reads the page.
#[cfg(feature = "ssr")]
fn announce(bundle: &str) {
    use axum::http::{HeaderValue, header::LINK};

    let (Some(assets), Some(response)) =
        (use_context::<crate::shell::Assets>(), use_context::<leptos_axum::ResponseOptions>())
    else {
        return;
    };
    for path in assets.bundles.get(bundle).into_iter().flatten() {
        let link = format!("<{path}>; rel=preload; as=fetch; type=\"application/wasm\"; crossorigin=anonymous");
        if let Ok(link) = HeaderValue::try_from(link) {
            response.append_header(LINK, link);
        }
    }
}

/// Without a server there is nobody to tell.
#[cfg(not(any(feature = "ssr", feature = "hydrate")))]
fn announce(_bundle: &str) {}
