//! Putting numbers into inboxes: what arrives within some milliseconds becomes durable together.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use domain::permission::kind::ControlCampaign;
use store::{
    Error, On,
    idempotency::Kept,
    inbox::{self, Entered},
    journal::added::{Added, Row},
};
use tokio::{sync::oneshot, time::sleep};

use crate::dispatch::{Context, Key};

/// Between the beginnings of two commits of one campaign; the first one does not wait.
const COMMIT_INTERVAL: Duration = Duration::from_millis(4);
/// Numbers of one commit; a request that is larger by itself is taken whole.
const ROWS_MAX: usize = 2_000;

/// What was handed in and is not durable yet, by campaign. Each campaign here has a task that commits it.
#[derive(Default)]
pub(crate) struct Desk(Mutex<HashMap<Key, Vec<Slip>>>);

/// What a request that may be repeated is answered, by the index of its first number.
pub type Keep = Box<dyn Fn(u32) -> Kept + Send + Sync>;

/// The numbers of one request.
struct Slip {
    proof: On<ControlCampaign>,
    fields: Arc<[String]>,
    rows: Vec<Row>,
    keep: Option<Keep>,
    answer: oneshot::Sender<Result<Entered, Error>>,
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk").finish_non_exhaustive()
    }
}

impl Desk {
    fn waiting(&self) -> MutexGuard<'_, HashMap<Key, Vec<Slip>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns when the numbers are durable.
    pub(super) async fn put_in(
        &self,
        context: &Arc<Context>,
        proof: &On<ControlCampaign>,
        fields: Arc<[String]>,
        rows: Vec<Row>,
        keep: Option<Keep>,
    ) -> Result<Entered, Error> {
        let key = Key { workspace: proof.workspace_id(), campaign: proof.campaign().id };
        let (answer, answered) = oneshot::channel();
        let slip = Slip { proof: proof.clone(), fields, rows, keep, answer };
        let is_first = {
            let mut waiting = self.waiting();
            let is_first = !waiting.contains_key(&key);
            waiting.entry(key).or_default().push(slip);
            is_first
        };
        if is_first {
            // A task of its own: a request that is broken off takes no other one with it.
            tokio::spawn(commit_all(Arc::clone(context), key));
        }
        // A task that ends without an answer has panicked; nobody knows what it did.
        answered.await.unwrap_or(Err(Error::Unknown))
    }

    /// What is committed next; the last look ends the task.
    fn take(&self, key: Key) -> Option<Vec<Slip>> {
        let mut waiting = self.waiting();
        let slips = waiting.get_mut(&key)?;
        if slips.is_empty() {
            waiting.remove(&key);
            return None;
        }
        let mut rows = 0;
        let fits = slips.iter().take_while(|slip| {
            rows += slip.rows.len();
            rows <= ROWS_MAX && slip.fields == slips[0].fields
        });
        let count = fits.count().max(1);
        Some(slips.drain(..count).collect())
    }
}

async fn commit_all(context: Arc<Context>, key: Key) {
    while let Some(slips) = context.desk.take(key) {
        let begun = Instant::now();
        let entered = commit(&slips).await;
        if matches!(entered, Err(Error::Moved)) && slips.len() > 1 {
            // One of them was answered before; which one is found by trying each for itself.
            for slip in slips {
                let entered = commit(std::slice::from_ref(&slip)).await;
                answer(&context, key, vec![slip], &entered);
            }
        } else {
            answer(&context, key, slips, &entered);
        }
        sleep(COMMIT_INTERVAL.saturating_sub(begun.elapsed())).await;
    }
}

async fn commit(slips: &[Slip]) -> Result<Entered, Error> {
    // Each of them was shown a proof for itself; one is enough to write what they have in common.
    let proof = &slips[0].proof;
    let mut added = Added { start: 0, fields: Arc::clone(&slips[0].fields), rows: Vec::new(), at_ms: proof.now_ms() };
    let mut kept = Vec::new();
    for slip in slips {
        let place = u32::try_from(added.rows.len()).unwrap_or(u32::MAX);
        added.rows.extend_from_slice(&slip.rows);
        kept.extend(slip.keep.as_ref().map(|keep| (place, keep)));
    }
    let keep = |first: u32| kept.iter().map(|(place, keep)| keep(first.saturating_add(*place))).collect();
    inbox::append(proof, &mut added, keep).await
}

fn answer(context: &Context, key: Key, slips: Vec<Slip>, entered: &Result<Entered, Error>) {
    if matches!(entered, Ok(Entered::From(_))) {
        context.runners.tell_of_arrivals(key);
    }
    let mut place = 0;
    for slip in slips {
        let one = match entered {
            Ok(Entered::From(first)) => Ok(Entered::From(first.saturating_add(place))),
            Ok(Entered::Sealed) => Ok(Entered::Sealed),
            Err(Error::Unknown) => Err(Error::Unknown),
            Err(Error::Corrupt) => Err(Error::Corrupt),
            Err(Error::Moved) => Err(Error::Moved),
            Err(_) => Err(Error::Unavailable),
        };
        place = place.saturating_add(u32::try_from(slip.rows.len()).unwrap_or(u32::MAX));
        // Whoever asked may be gone.
        _ = slip.answer.send(one);
    }
}
