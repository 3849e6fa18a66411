//! The policies of all channels, as they were read last.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use sms_core::Core;
use store::{
    Error, SystemDoor,
    policies::{self, InForce, Pools},
};

/// What was read so long ago is read again.
const FRESH: Duration = Duration::from_millis(200);

/// All channels, and which links each pool has, whether it is of the file or of the product.
pub(crate) fn pools_of(core: &dyn Core) -> Pools {
    core.channels().into_iter().map(|channel| (channel.id, channel.members)).collect()
}

#[derive(Debug, Default)]
pub(crate) struct Policies(Mutex<Option<(Instant, Arc<InForce>)>>);

impl Policies {
    fn known(&self) -> MutexGuard<'_, Option<(Instant, Arc<InForce>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Some moments old at most.
    pub(crate) async fn in_force(&self, door: &SystemDoor, core: &dyn Core) -> Result<Arc<InForce>, Error> {
        if let Some((read_at, in_force)) = &*self.known()
            && read_at.elapsed() < FRESH
        {
            return Ok(Arc::clone(in_force));
        }
        let in_force = Arc::new(policies::in_force(door, pools_of(core)).await?);
        *self.known() = Some((Instant::now(), Arc::clone(&in_force)));
        Ok(in_force)
    }

    /// Something was decided.
    pub(crate) fn look_again(&self) {
        *self.known() = None;
    }
}
