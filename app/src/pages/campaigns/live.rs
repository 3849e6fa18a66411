//! A campaign on its page, kept up to date while it goes on.

use domain::campaign::Status;
use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::campaigns::detail::{CampaignView, Pulse, campaign, campaign_pulse},
    error::AppError,
    state::poll::poll,
};

const REFRESH_MS: u32 = 2_000;

/// What the page shows. Figures are asked for every two seconds while they can change; the rest follows when it did.
#[derive(Debug, Clone, Copy)]
pub struct Live {
    pub slug: StoredValue<String>,
    pub view: RwSignal<CampaignView>,
    /// The last attempt failed: what is shown may be old.
    pub lost: RwSignal<Option<AppError>>,
    asking: StoredValue<bool>,
}

impl Live {
    pub fn new(slug: String, view: CampaignView) -> Self {
        let live = Self {
            slug: StoredValue::new(slug),
            view: RwSignal::new(view),
            lost: RwSignal::new(None),
            asking: StoredValue::new(false),
        };
        poll(REFRESH_MS, move || live.view.with_untracked(moves), move || live.ask());
        live
    }

    /// The address of the page, with a query such as `?tab=audit`.
    pub fn href(self, query: &str) -> String {
        let id = self.view.with_untracked(|view| view.id.clone());
        self.slug.with_value(|slug| format!("/w/{slug}/campaigns/{id}{query}"))
    }

    pub fn id(self) -> String {
        self.view.with_untracked(|view| view.id.clone())
    }

    /// Loads everything again, as after an action.
    pub fn reload(self) {
        let (slug, id) = (self.slug.get_value(), self.id());
        spawn_local(async move {
            let loaded = campaign(slug, id).await;
            match loaded {
                Ok(view) => {
                    self.view.try_set(view);
                    self.lost.try_set(None);
                }
                Err(error) => _ = self.lost.try_set(Some(error)),
            }
        });
    }

    /// Asks for the figures, one question at a time.
    fn ask(self) {
        if self.asking.get_value() {
            return;
        }
        self.asking.set_value(true);
        let (slug, id) = (self.slug.get_value(), self.id());
        spawn_local(async move {
            let pulse = campaign_pulse(slug, id).await;
            self.asking.try_set_value(false);
            match pulse {
                Ok(Pulse { revision, progress }) => {
                    self.lost.try_set(None);
                    let changed =
                        self.view.try_with_untracked(|view| (view.revision != revision, view.progress != progress));
                    match changed {
                        Some((true, _)) => self.reload(),
                        Some((false, true)) => _ = self.view.try_update(|view| view.progress = progress),
                        _ => {}
                    }
                }
                Err(error) => _ = self.lost.try_set(Some(error)),
            }
        });
    }
}

/// Whether the figures or the status can change without this person's doing.
fn moves(view: &CampaignView) -> bool {
    let waits = view.status == Status::New || view.status.is_active();
    view.archived.is_none() && (waits || view.progress.in_flight() > 0)
}
