//! The running tasks, one per campaign.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::mpsc;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::dispatch::{Command, Context, Key, Runner};

/// Commands that wait in a campaign's inbox; the router waits when it is full, and so does the carrier.
const INBOX: usize = 256;

#[derive(Debug, Default)]
pub(crate) struct Runners {
    state: Mutex<State>,
    pub(crate) tasks: TaskTracker,
    /// The engine goes down.
    pub(crate) closing: CancellationToken,
}

#[derive(Debug, Default)]
struct State {
    inboxes: HashMap<Key, mpsc::Sender<Command>>,
    closed: bool,
}

impl Runners {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The inbox of a campaign's runner, which is started unless it runs. None: the engine is going down.
    pub(crate) fn ensure(&self, context: &Arc<Context>, key: Key) -> Option<mpsc::Sender<Command>> {
        let mut state = self.state();
        if let Some(inbox) = state.inboxes.get(&key) {
            return Some(inbox.clone());
        }
        if state.closed {
            return None;
        }
        let (inbox, commands) = mpsc::channel(INBOX);
        state.inboxes.insert(key, inbox.clone());
        let shared = Arc::clone(context);
        self.tasks.spawn(async move {
            let ended = Ended { context: Arc::clone(&shared), key };
            Runner::run(shared, key, commands).await;
            drop(ended);
        });
        Some(inbox)
    }

    /// Lets a campaign's runner look into its inbox at once. One that runs in another process, or is too busy to be told,
    /// looks by itself within half a second.
    pub(crate) fn tell_of_arrivals(&self, key: Key) {
        if let Some(inbox) = self.state().inboxes.get(&key) {
            _ = inbox.try_send(Command::Arrived);
        }
    }

    /// The inboxes of all that run.
    pub(crate) fn inboxes(&self) -> Vec<mpsc::Sender<Command>> {
        self.state().inboxes.values().cloned().collect()
    }

    /// No more runners; those that run are told to come to an end.
    pub(crate) fn close(&self) {
        self.state().closed = true;
        self.tasks.close();
        self.closing.cancel();
    }
}

/// Takes the inbox out when the task ends, however it ends.
struct Ended {
    context: Arc<Context>,
    key: Key,
}

impl Drop for Ended {
    fn drop(&mut self) {
        self.context.runners.state().inboxes.remove(&self.key);
    }
}
