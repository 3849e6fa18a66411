//! Work on the pieces of a stream on several threads, with the results in the order of the pieces and bounded queues
//! between the stages.

use std::{
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread,
};

/// Pieces that wait before and behind each worker.
const QUEUE: usize = 2;

/// Takes pieces from `produce` until it yields None, runs `work` on them on `workers` threads, and hands the results to
/// `consume` on the calling thread. The first error of either end stops all.
pub(super) fn ordered<T, U, E>(
    workers: usize,
    mut produce: impl FnMut() -> Result<Option<T>, E> + Send,
    work: impl Fn(T) -> U + Sync,
    mut consume: impl FnMut(U) -> Result<(), E>,
) -> Result<(), E>
where
    T: Send,
    U: Send,
    E: Send,
{
    thread::scope(|scope| {
        let mut inputs: Vec<SyncSender<T>> = Vec::new();
        let mut outputs: Vec<Receiver<U>> = Vec::new();
        for _ in 0..workers.max(1) {
            let (input, pieces) = sync_channel(QUEUE);
            let (results, output) = sync_channel(QUEUE);
            inputs.push(input);
            outputs.push(output);
            let work = &work;
            scope.spawn(move || {
                for piece in pieces {
                    if results.send(work(piece)).is_err() {
                        break;
                    }
                }
            });
        }
        let producer = scope.spawn(move || {
            for input in inputs.iter().cycle() {
                let Some(piece) = produce()? else { break };
                // A worker that is gone means that the consumer has stopped.
                if input.send(piece).is_err() {
                    break;
                }
            }
            Ok(())
        });
        let mut consumed = Ok(());
        for output in outputs.iter().cycle() {
            // The first worker without a result has had no piece: the stream has ended.
            let Ok(result) = output.recv() else { break };
            consumed = consume(result);
            if consumed.is_err() {
                break;
            }
        }
        drop(outputs);
        match producer.join() {
            Ok(produced) => consumed.and(produced),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order() {
        for workers in 1..5 {
            let mut pieces = 0..1_000;
            let mut seen = Vec::new();
            let consume = |result: u64| {
                seen.push(result);
                Ok::<(), ()>(())
            };
            ordered(workers, || Ok(pieces.next()), |piece| piece * 2, consume).unwrap();
            assert_eq!(seen, (0..1_000).map(|piece| piece * 2).collect::<Vec<_>>());
        }
    }

    #[test]
    fn an_error_of_either_end_stops_all() {
        let mut endless = 0..;
        let consume = |piece: u64| if piece == 70 { Err("consumer") } else { Ok(()) };
        assert_eq!(ordered(2, || Ok(endless.next()), |piece| piece, consume), Err("consumer"));
        let mut count = 0;
        let produce = || {
            count += 1;
            if count > 40 { Err("producer") } else { Ok(Some(count)) }
        };
        let mut consumed = 0;
        let consume = |_| {
            consumed += 1;
            Ok(())
        };
        assert_eq!(ordered(2, produce, |piece: u64| piece, consume), Err("producer"));
        assert_eq!(consumed, 40);
    }
}
