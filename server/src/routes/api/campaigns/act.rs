//! `POST /api/v1/campaigns/{id}/start` and so on: what is done with a campaign once it is submitted.

use std::future::Future;

use app::api::campaigns::channel;
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::{
    api_key::{
        Covers,
        kind::{CampaignsControl, CampaignsWrite},
    },
    campaign::Campaign,
    permission::{
        self,
        kind::{ArchiveCampaign, ControlCampaign},
    },
};
use store::{Error, On, campaigns};

use super::{campaign_id, view::Detail};
use crate::{
    routes::api::{
        caller::Caller,
        posted::{Nothing, Posted},
        problem::Problem,
    },
    state::AppState,
};

/// Does one of these, and tells the engine.
async fn act<S, P, F>(
    state: AppState,
    caller: Caller,
    id: String,
    posted: Posted<Nothing>,
    what: impl FnOnce(On<P>) -> F + Send,
) -> Result<Response, Problem>
where
    S: Covers<P>,
    P: permission::Kind,
    F: Future<Output = Result<Campaign, Error>> + Send,
{
    let Caller(caller) = caller;
    let proof = caller.grant_on::<S, P>(campaign_id(&id)?).await?;
    let done = posted.decide::<_, Detail, _>(&caller, proof, |proof| async move {
        let campaign = what(proof).await?;
        state.services.engine.nudge();
        Ok(campaign)
    });
    done.await
}

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident $path:literal: $scope:ident, $done:expr;)+) => {
        $(
            $(#[$doc])*
            #[utoipa::path(post, path = $path, params(("id" = String, Path)), request_body = Nothing, responses((status = 200, body = Detail)))]
            pub async fn $name(
                State(state): State<AppState>,
                caller: Caller,
                Path(id): Path<String>,
                posted: Posted<Nothing>,
            ) -> Result<Response, Problem> {
                act::<$scope, _, _>(state, caller, id, posted, $done).await
            }
        )+
    };
}

/// Start a campaign
///
/// One that is approved and does not start by itself.
#[utoipa::path(post, path = "/api/v1/campaigns/{id}/start", params(("id" = String, Path)), request_body = Nothing, responses((status = 200, body = Detail)))]
pub async fn start(
    State(state): State<AppState>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    posted: Posted<Nothing>,
) -> Result<Response, Problem> {
    let proof: On<ControlCampaign> = caller.grant_on::<CampaignsControl, _>(campaign_id(&id)?).await?;
    let done = posted.decide::<_, Detail, _>(&caller, proof, |proof| async move {
        channel::check(&state.services.engine, proof.campaign(), "started")?;
        let campaign = campaigns::start(&proof).await?;
        state.services.engine.nudge();
        Ok(campaign)
    });
    done.await
}

actions! {
    /// Pause a campaign
    ///
    /// What is on its way goes on; nothing more is sent within a second.
    pause "/api/v1/campaigns/{id}/pause": CampaignsControl, |proof| async move { campaigns::pause(&proof).await };
    /// Resume a campaign
    resume "/api/v1/campaigns/{id}/resume": CampaignsControl, |proof| async move { campaigns::resume(&proof).await };
    /// Cancel a campaign
    ///
    /// Who was not sent to yet is not sent to any more.
    cancel "/api/v1/campaigns/{id}/cancel": CampaignsControl, |proof| async move { campaigns::cancel(&proof).await };
    /// Finish a Trigger campaign
    ///
    /// It takes no more numbers, and is done when those that it has are settled.
    finish "/api/v1/campaigns/{id}/finish": CampaignsControl, |proof| async move { campaigns::finish(&proof).await };
    /// Archive a campaign
    ///
    /// One that is New or has ended.
    archive "/api/v1/campaigns/{id}/archive": CampaignsWrite, |proof: On<ArchiveCampaign>| async move { campaigns::archive(&proof).await };
    /// Restore a campaign from the archive
    restore "/api/v1/campaigns/{id}/restore": CampaignsWrite, |proof: On<ArchiveCampaign>| async move { campaigns::restore(&proof).await };
}
