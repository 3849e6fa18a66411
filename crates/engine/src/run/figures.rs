//! Live figures of what is being sent: pushed a few times a second, read by pages as a stream.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use domain::{
    campaign::{Progress, Status},
    id::{CampaignId, WorkspaceId},
};
use tokio::sync::watch;

use crate::dispatch::Key;

/// One campaign as it goes on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CampaignFigures {
    pub status: Status,
    pub progress: Progress,
    /// Messages that the SMSC answered, per second, smoothed.
    pub messages_per_s: f64,
    /// How far the recipients of a Spread campaign are in order while it is built, from 0 to 100.
    pub built_percent: Option<u8>,
}

/// All campaigns of a workspace that are worked on at the moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WorkspaceFigures {
    pub campaigns: HashMap<CampaignId, CampaignFigures>,
}

impl WorkspaceFigures {
    /// Recipients that are claimed, or accepted and without a receipt.
    #[must_use]
    pub fn in_flight(&self) -> u64 {
        self.campaigns.values().map(|campaign| campaign.progress.in_flight()).sum()
    }

    #[must_use]
    pub fn messages_per_s(&self) -> f64 {
        // A sum of no floats is -0.0.
        self.campaigns.values().fold(0.0, |sum, campaign| sum + campaign.messages_per_s)
    }
}

/// What a workspace has under way.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct UnderWay {
    /// Recipients that are not claimed yet.
    pub waiting: u64,
    /// Claimed, or accepted and without a receipt.
    pub in_flight: u64,
    pub messages_per_s: f64,
}

impl From<&WorkspaceFigures> for UnderWay {
    fn from(figures: &WorkspaceFigures) -> Self {
        Self {
            waiting: figures.campaigns.values().map(|campaign| campaign.progress.waiting).sum(),
            in_flight: figures.in_flight(),
            messages_per_s: figures.messages_per_s(),
        }
    }
}

/// Of all campaigns of all workspaces that are worked on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sum {
    pub(crate) campaigns: u64,
    pub(crate) waiting: u64,
    pub(crate) in_flight: u64,
}

/// A channel per workspace and per campaign that somebody works on or looks at.
#[derive(Debug, Default)]
pub(crate) struct Figures(Mutex<Channels>);

#[derive(Debug, Default)]
struct Channels {
    workspaces: HashMap<WorkspaceId, watch::Sender<WorkspaceFigures>>,
    campaigns: HashMap<Key, watch::Sender<Option<CampaignFigures>>>,
}

impl Figures {
    fn channels(&self) -> MutexGuard<'_, Channels> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn publish(
        &self,
        key: Key,
        status: Status,
        progress: Progress,
        messages_per_s: f64,
        built_percent: Option<u8>,
    ) {
        let figures = CampaignFigures { status, progress, messages_per_s, built_percent };
        let mut channels = self.channels();
        channels.campaigns.entry(key).or_default().send_if_modified(|known| known.replace(figures) != Some(figures));
        channels
            .workspaces
            .entry(key.workspace)
            .or_default()
            .send_if_modified(|known| known.campaigns.insert(key.campaign, figures) != Some(figures));
    }

    /// Nobody works on the campaign any more; the last figures stay with those who look.
    pub(crate) fn remove(&self, key: Key) {
        let mut channels = self.channels();
        if channels.campaigns.get(&key).is_some_and(|channel| channel.receiver_count() == 0) {
            channels.campaigns.remove(&key);
        }
        if let Some(channel) = channels.workspaces.get(&key.workspace) {
            channel.send_if_modified(|known| known.campaigns.remove(&key.campaign).is_some());
        }
    }

    pub(crate) fn sum(&self) -> Sum {
        let mut sum = Sum::default();
        for workspace in self.channels().workspaces.values() {
            let workspace = workspace.borrow();
            sum.campaigns += workspace.campaigns.len() as u64;
            sum.in_flight += workspace.in_flight();
            sum.waiting += workspace.campaigns.values().map(|campaign| campaign.progress.waiting).sum::<u64>();
        }
        sum
    }

    /// Of the workspaces that have something under way.
    pub(crate) fn under_way(&self) -> Vec<(WorkspaceId, UnderWay)> {
        let channels = self.channels();
        let all =
            channels.workspaces.iter().map(|(workspace, figures)| (*workspace, UnderWay::from(&*figures.borrow())));
        all.filter(|(_, under_way)| *under_way != UnderWay::default()).collect()
    }

    pub(crate) fn workspace(&self, workspace: WorkspaceId) -> watch::Receiver<WorkspaceFigures> {
        self.channels().workspaces.entry(workspace).or_default().subscribe()
    }

    pub(crate) fn campaign(&self, key: Key) -> watch::Receiver<Option<CampaignFigures>> {
        self.channels().campaigns.entry(key).or_default().subscribe()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_workspace_adds_up_its_campaigns() {
        let figures = Figures::default();
        let workspace = WorkspaceId::from_uuid(Uuid::from_u128(1));
        let key = |id| Key { workspace, campaign: CampaignId::from_uuid(Uuid::from_u128(id)) };
        let progress = |claimed, submitted| Progress { claimed, submitted, ..Progress::default() };
        let all = figures.workspace(workspace);
        figures.publish(key(1), Status::Sending, progress(2, 3), 10.0, None);
        figures.publish(key(2), Status::Sending, progress(1, 0), 5.5, None);
        assert_eq!(all.borrow().in_flight(), 6);
        assert!((all.borrow().messages_per_s() - 15.5).abs() < 1e-9);
        assert_eq!(figures.sum(), Sum { campaigns: 2, waiting: 0, in_flight: 6 });
        let under_way = UnderWay { waiting: 0, in_flight: 6, messages_per_s: 15.5 };
        assert_eq!(figures.under_way(), [(workspace, under_way)]);
        figures.remove(key(1));
        assert_eq!(all.borrow().in_flight(), 1);
        figures.remove(key(2));
        assert_eq!(format!("{:.1}", all.borrow().messages_per_s()), "0.0");
        assert!(figures.under_way().is_empty(), "a workspace in which nothing happens is left out");
    }
}
