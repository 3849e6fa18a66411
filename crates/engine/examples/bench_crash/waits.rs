//! What is waited for while campaigns are sent.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use domain::campaign::Mode;

use crate::{
    Failure,
    feeder::Feeder,
    prepare::Scene,
    process::{Server, Simulator},
};

pub const POLL: Duration = Duration::from_millis(2);
/// When nothing is accepted for so long, nothing more will be.
const STANDSTILL: Duration = Duration::from_secs(3);
const END_PATIENCE: Duration = Duration::from_secs(240);

/// Until so many parts are at the SMSC, or nothing has moved for a while.
pub fn until_sent(simulator: &mut Simulator, parts: u64) -> Result<(), Failure> {
    let (mut known, mut moved) = (simulator.accepted()?, Instant::now());
    while known < parts && moved.elapsed() < STANDSTILL {
        sleep(POLL);
        let now = simulator.accepted()?;
        if now > known {
            (known, moved) = (now, Instant::now());
        }
    }
    Ok(())
}

/// Until every number of the Trigger campaign is handed in.
pub fn until_fed(feeder: &Feeder) -> Result<(), Failure> {
    let begun = Instant::now();
    feeder.hurry();
    while !feeder.is_done()? {
        if begun.elapsed() > END_PATIENCE {
            return Err("not every number is accepted".into());
        }
        sleep(POLL);
    }
    Ok(())
}

/// Every campaign has ended; Trigger, which takes no more numbers now, too.
pub fn until_ended(scene: &Scene, simulator: &mut Simulator, server: &Server) -> Result<(), Failure> {
    let (mut known, mut moved) = (simulator.accepted()?, Instant::now());
    for job in &scene.jobs {
        loop {
            let path = format!("/api/v1/campaigns/{}", job.campaign);
            let answer = scene.program.get(server.address(), &path).ok_or("the server does not answer")?;
            if matches!(answer.field("status"), Some("done" | "expired")) {
                break;
            }
            if job.mode == Mode::Trigger {
                // Refused when it was done before, which changes nothing.
                _ = scene.program.post(server.address(), &job.path("finish"), "finish", "{}");
            }
            let now = simulator.accepted()?;
            if now > known {
                (known, moved) = (now, Instant::now());
            }
            if moved.elapsed() > END_PATIENCE {
                return Err(format!("{} does not come to its end: {answer:?}", job.mode.label()).into());
            }
            sleep(Duration::from_millis(300));
        }
    }
    Ok(())
}
