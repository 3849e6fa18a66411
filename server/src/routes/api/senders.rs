//! `GET /api/v1/senders` and `/api/v1/channels`: what a campaign can be sent from, and by which way.

use axum::{Json, extract::State};
use domain::{
    api_key::kind::CampaignsRead,
    id::SenderId,
    sender::{InstallationSender, Sender, SenderStatus},
};
use engine::LinkState;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    asked::Asked,
    caller::Caller,
    campaigns::Overrides,
    named,
    page::{Page, Paging},
    problem::Problem,
};
use crate::state::AppState;

/// A sender name, with the revision that is in force.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Sender)]
pub struct View {
    #[schema(value_type = String, format = Uuid)]
    id: SenderId,
    name: String,
    #[schema(schema_with = named::sender_status)]
    status: SenderStatus,
    /// A preset that the installation offers to this workspace; the others are the workspace's own.
    of_installation: bool,
    /// Null: a campaign cannot be sent from it.
    in_force: Option<InForce>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SenderInForce)]
struct InForce {
    revision: u32,
    addressing: Overrides,
}

/// A way by which messages leave.
#[derive(Debug, Serialize, ToSchema)]
pub struct Channel {
    /// For `channel` of a campaign.
    id: String,
    name: String,
    /// No real message leaves by it.
    is_simulator: bool,
    up: bool,
}

impl From<Sender> for View {
    fn from(sender: Sender) -> Self {
        let in_force = sender.in_force().filter(|_| sender.archived_at_ms.is_none());
        Self {
            id: sender.id,
            status: sender.status(),
            of_installation: false,
            in_force: in_force
                .map(|revision| InForce { revision: revision.number, addressing: revision.addressing.clone().into() }),
            name: sender.display_name,
        }
    }
}

impl From<InstallationSender> for View {
    fn from(preset: InstallationSender) -> Self {
        Self {
            id: preset.id,
            status: preset.status(),
            of_installation: true,
            in_force: preset
                .in_force()
                .map(|revision| InForce { revision: revision.number, addressing: revision.addressing.clone().into() }),
            name: preset.display_name,
        }
    }
}

/// Sender names
///
/// The workspace's own in the order of their names, archived ones last; then those that the installation offers it.
#[utoipa::path(get, path = "/api/v1/senders", params(Paging), responses((status = 200, body = Page<View>)))]
pub async fn list(Caller(caller): Caller, Asked(paging): Asked<Paging>) -> Result<Json<Page<View>>, Problem> {
    let proof = caller.grant::<CampaignsRead>()?;
    let own = store::senders::list(&proof).await?;
    let offered = store::senders::installation::offered(&proof).await?;
    let senders: Vec<View> = own.into_iter().map(View::from).chain(offered.into_iter().map(View::from)).collect();
    let (limit, from) = (paging.limit()? as usize, paging.cursor::<usize>()?.unwrap_or(0));
    let more = senders.len() > from.saturating_add(limit);
    let items = senders.into_iter().skip(from).take(limit).collect();
    Ok(Json(Page { items, next_cursor: more.then(|| (from + limit).to_string()) }))
}

/// Channels
#[utoipa::path(get, path = "/api/v1/channels", responses((status = 200, body = Page<Channel>)))]
pub async fn channels(State(state): State<AppState>, Caller(caller): Caller) -> Result<Json<Page<Channel>>, Problem> {
    caller.grant::<CampaignsRead>()?;
    let channel = |link: engine::LinkStatus| Channel {
        id: link.id.as_str().to_owned(),
        name: link.name,
        is_simulator: link.is_simulator,
        up: link.state == LinkState::Up,
    };
    Ok(Json(Page { items: state.services.engine.channels().into_iter().map(channel).collect(), next_cursor: None }))
}
