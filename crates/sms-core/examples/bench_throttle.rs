//! `./x bench throttle`: what a link gets through to a carrier that throttles above 100 parts per second, over a socket,
//! from its first message on. One JSON object per line.
//!
//! Arguments: seconds per measurement (default 60).

use std::{future::pending, sync::Arc, time::Duration};

use domain::{
    clock::{Clock, ManualClock},
    phone::PhoneNumber,
    segment::encode,
    sender::{Addressing, Npi, Saddr, Ton},
};
use smpp::simulator::{Behaviour, Simulator, SimulatorConfig};
use sms_core::{ChannelId, Core, CoreSettings, InProcessCore, LinkSettings, Priority, ReceiptRequest, Submission};

type Failure = Box<dyn std::error::Error + Send + Sync>;

const CARRIER_PER_S: u32 = 100;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let seconds = std::env::args().nth(1).map_or(Ok(60.0), |argument| argument.parse())?;
    for (case, configured, latency_ms) in
        [("no rate set", None, 0), ("1000/s set", Some(1_000.0), 0), ("no rate set, 50 ms away", None, 50)]
    {
        measure(case, configured, latency_ms, seconds).await?;
    }
    Ok(())
}

async fn measure(case: &str, configured: Option<f64>, latency_ms: u64, seconds: f64) -> Result<(), Failure> {
    let behaviour = Behaviour { max_submits_per_s: Some(CARRIER_PER_S), latency_ms, ..Behaviour::default() };
    let simulator = Simulator::bind(SimulatorConfig { behaviour, ..SimulatorConfig::loopback() }).await?;
    let (port, control) = (simulator.address().port(), simulator.control());
    let serving = tokio::spawn(simulator.run(pending()));
    let channel = ChannelId::parse("carrier")?;
    let mut link = LinkSettings::simulator(channel.clone(), port);
    (link.rate_segments_per_s, link.receipts) = (configured, ReceiptRequest::None);
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(0));
    let core = InProcessCore::start(CoreSettings { links: vec![link] }, &clock)?;
    let mut lane = core.open_lane(&channel, Priority::Bulk)?;
    while core.links().iter().all(|link| link.sessions_bound == 0) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let (sender, batch) = (lane.sender.clone(), messages((seconds * 2.0 * f64::from(CARRIER_PER_S)) as u64)?);
    let feeding = tokio::spawn(async move { sender.submit(batch).await });
    let outcomes = async { while lane.outcomes.recv().await.is_some() {} };
    let _ = tokio::time::timeout(Duration::from_secs_f64(seconds), outcomes).await;
    let counts = control.counts();
    let (accepted, throttled) = (counts.accepted as f64, counts.throttled as f64);
    for (metric, value, unit, target) in [
        ("accepted_per_s", accepted / seconds, "1/s", 95.0),
        ("throttled_percent", throttled / (accepted + throttled).max(1.0) * 100.0, "%", 2.0),
    ] {
        println!(
            r#"{{"bench":"throttle","metric":"{metric}","case":"{case}","value":{value:.2},"unit":"{unit}","target":{target}}}"#
        );
    }
    feeding.abort();
    serving.abort();
    Ok(())
}

fn messages(count: u64) -> Result<Vec<Submission>, Failure> {
    let addressing = Arc::new(Addressing {
        saddr: Saddr::parse("Bench").map_err(|error| format!("{error:?}"))?,
        source_ton: Ton::Alphanumeric,
        source_npi: Npi::Unknown,
        destination_ton: Ton::International,
        destination_npi: Npi::Isdn,
    });
    let encoded = Arc::new(encode("Your parcel is at the door.").map_err(|error| format!("{error:?}"))?);
    let message = |token| {
        Some(Submission {
            token,
            destination: PhoneNumber::from_u64(436_600_000_000 + token)?,
            addressing: Arc::clone(&addressing),
            encoded: Arc::clone(&encoded),
            validity_minutes: None,
            tendlc_campaign: None,
        })
    };
    Ok((0..count).filter_map(message).collect())
}
