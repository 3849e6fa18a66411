//! Receipts from the Core, and their acknowledgements back.

use std::{sync::Arc, time::Duration};

use hyper::StatusCode;
use tokio::{
    sync::{mpsc, watch},
    time::sleep,
};

use super::{
    client::{Connected, Shared},
    pipe::{Frames, PipeSender, frame, pipe},
    wire::{Acknowledged, Received},
};
use crate::{
    ChannelId,
    receipts::{Acknowledgement, AnswerTo, Inbound, Receipt, ReceiptBatch, Verdict},
};

/// Before asking again when it did not work.
const RETRY: Duration = Duration::from_millis(250);

/// Passes receipts on until the client stops or nobody takes them.
pub(super) async fn run(shared: Arc<Shared>, into: mpsc::Sender<ReceiptBatch>) {
    let (acknowledge, mut acknowledged) = mpsc::unbounded_channel();
    let mut connections = shared.connected.subscribe();
    loop {
        let connected = connections.borrow_and_update().clone();
        let Some(connected) = connected else {
            tokio::select! {
                changed = connections.changed() => if changed.is_err() { return },
                () = shared.stop.cancelled() => return,
            }
            continue;
        };
        let ended = tokio::select! {
            ended = pass_on(&shared, &connected, &into, &acknowledge, &mut acknowledged, &mut connections) => ended,
            () = shared.stop.cancelled() => return,
        };
        match ended {
            Ended::Replaced => (),
            Ended::Unwanted => return,
            Ended::Broken(reason) => {
                tracing::debug!(%reason, "the receipts of SMS Core broke off");
                sleep(RETRY).await;
            }
        }
    }
}

enum Ended {
    /// There is another connection.
    Replaced,
    /// The engine takes no more.
    Unwanted,
    Broken(String),
}

type ToAcknowledge = (u64, Vec<u32>, Verdict);

async fn pass_on(
    shared: &Shared,
    connected: &Connected,
    into: &mpsc::Sender<ReceiptBatch>,
    acknowledge: &mpsc::UnboundedSender<ToAcknowledge>,
    acknowledged: &mut mpsc::UnboundedReceiver<ToAcknowledge>,
    connections: &mut watch::Receiver<Option<Connected>>,
) -> Ended {
    let (sender, body) = pipe();
    let response = match shared.request(connected, "POST", "/receipts", body).await {
        Ok(response) if response.status() == StatusCode::OK => response,
        Ok(response) => return Ended::Broken(response.status().to_string()),
        Err(reason) => return Ended::Broken(reason),
    };
    let mut frames = Frames::new(response.into_body());
    loop {
        tokio::select! {
            // Batches keep their numbers: what came by the connection before is acknowledged by this one.
            Some(answer) = acknowledged.recv() => {
                if let Err(reason) = say(&sender, answer).await {
                    return Ended::Broken(reason);
                }
            }
            received = frames.next::<Received>() => match received {
                Ok(Some(received)) => {
                    let Some(batch) = batch(received, acknowledge) else { continue };
                    // Acknowledgements go on while the engine has no room.
                    let mut sending = std::pin::pin!(into.send(batch));
                    loop {
                        tokio::select! {
                            sent = &mut sending => {
                                if sent.is_err() {
                                    return Ended::Unwanted;
                                }
                                break;
                            }
                            Some(answer) = acknowledged.recv() => {
                                if let Err(reason) = say(&sender, answer).await {
                                    return Ended::Broken(reason);
                                }
                            }
                        }
                    }
                }
                Ok(None) => return Ended::Broken("it ended them".to_owned()),
                Err(error) => return Ended::Broken(error.to_string()),
            },
            changed = connections.changed() => {
                let number = connections.borrow().as_ref().map(|connected| connected.number);
                if changed.is_err() || number != Some(connected.number) {
                    return Ended::Replaced;
                }
            }
        }
    }
}

async fn say(sender: &PipeSender, (batch, places, verdict): ToAcknowledge) -> Result<(), String> {
    let octets = frame(&Acknowledged { batch, places, verdict }).map_err(|error| error.to_string())?;
    sender.send(octets).await.map_err(|_| "the connection is gone".to_owned())
}

/// None: it comes from no link that there can be.
fn batch(received: Received, acknowledge: &mpsc::UnboundedSender<ToAcknowledge>) -> Option<ReceiptBatch> {
    let Received { batch, channel, receipts, inbound } = received;
    let channel = ChannelId::parse(&channel).ok()?;
    let receipts: Vec<Receipt> = receipts.into_iter().map(Receipt::from).collect();
    let inbound: Vec<Inbound> = inbound.into_iter().map(Inbound::from).collect();
    let first_inbound = receipts.len() as u32;
    let acknowledgement = Acknowledgement {
        receipts: (0..first_inbound).collect(),
        inbound: (first_inbound..first_inbound + inbound.len() as u32).collect(),
        to: AnswerTo::Remote { batch, sender: acknowledge.clone() },
    };
    Some(ReceiptBatch { channel, receipts, inbound, acknowledgement })
}
