//! Lines that are cut, servers that fail: whatever happens, it is registered once.

use std::{sync::Arc, time::Duration};

use domain::{
    clock::ManualClock,
    phone::PhoneNumber,
    tendlc::{PartnerId, UseCase, kinds::VettingProvider},
};
use tcr::{
    Client, ClientConfig, Error, Registry as _, Secret,
    error::Cause,
    simulator::{DuplicateReference, Fault, SharingOutcome, Simulator, SimulatorConfig, VettingOutcome},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use crate::support::{PATIENCE, campaign, company, details, quick, registry, secret};

const AFTER: [Fault; 4] = [Fault::CutAfter, Fault::FailAfter, Fault::StallAfter, Fault::GarbageAfter];

#[tokio::test]
async fn an_answer_that_is_lost_registers_nothing_twice() {
    for fault in AFTER {
        for duplicate in [DuplicateReference::SameRecord, DuplicateReference::Refuse] {
            let registry = registry().await;
            registry.control.update(|behaviour| {
                behaviour.duplicate_reference = duplicate;
                behaviour.write_faults = [fault].into();
            });
            let brand = registry.brand("brand-1").await;
            registry.control.update(|behaviour| behaviour.write_faults = [fault].into());
            let record = registry.campaign(&brand, "campaign-1").await;
            assert_eq!(registry.control.registered(), (1, 1), "{fault:?}");
            assert_eq!(registry.client.find_campaign("campaign-1").await.unwrap().unwrap().id, record.id);
        }
    }
}

/// The process dies between the registry's answer and our record of it: the next one asks with the same reference.
#[tokio::test]
async fn a_crash_before_our_record_registers_nothing_twice() {
    for fault in [Fault::Pass, Fault::CutAfter, Fault::StallAfter] {
        let registry = registry().await;
        registry.control.update(|behaviour| behaviour.write_faults = [fault].into());
        let details = details(&company());
        let mut dying = Box::pin(registry.client.create_brand("brand-1", &details));
        // Dropped at whatever point it has come to once the registry has it.
        let finished = async { (&mut dying).await.is_ok() };
        let known = async {
            while registry.control.registered().0 == 0 {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            _ = finished => {}
            () = known => {}
        }
        drop(dying);
        let next = Client::new(registry.config.clone()).unwrap();
        next.create_brand("brand-1", &details).await.unwrap();
        assert_eq!(registry.control.registered().0, 1, "{fault:?}");
    }
}

#[tokio::test]
async fn errors_before_it_is_done_are_tried_again() {
    let registry = registry().await;
    registry.control.update(|behaviour| {
        behaviour.write_faults = [Fault::Fail, Fault::Busy { retry_after_s: 0 }, Fault::Fail].into();
        behaviour.read_faults = [Fault::Fail, Fault::CutAfter].into();
    });
    registry.brand("brand-1").await;
    assert_eq!(registry.control.registered().0, 1);
}

#[tokio::test]
async fn after_so_many_attempts_it_is_said_that_nobody_answers() {
    let registry = registry().await;
    registry.control.update(|behaviour| behaviour.write_faults = vec![Fault::Fail; 9].into());
    let tried = registry.client.create_brand("brand-1", &details(&company())).await;
    assert_eq!(tried, Err(Error::Unavailable(Cause::Status(500))));
    // Four faults are left, and one attempt more than that succeeds.
    registry.brand("brand-1").await;
    assert_eq!(registry.control.registered().0, 1);
}

/// Answers every request with this and hangs up.
async fn answers(status: &'static str, body: &'static str) -> Client {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut asked = [0; 4_096];
            let _ = stream.read(&mut asked).await;
            let length = body.len();
            let answer = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}");
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    Client::new(quick(base_url)).unwrap()
}

/// What is not found is given up for good: a brand counts as deleted, and the numbers of a 10DLC campaign are free.
#[tokio::test]
async fn only_the_registrys_own_word_says_that_a_record_is_gone() {
    let brand = "B000001".parse().unwrap();
    for (status, body) in [
        ("404 Not Found", ""),
        ("404 Not Found", "<html><body>404 page not found</body></html>"),
        ("404 Not Found", r#"{"message": "no Route matched with those values"}"#),
        ("404 Not Found", r#"{"code": 5, "message": "not found"}"#),
        ("404 Not Found", "{}"),
        ("404 Not Found", "[]"),
        ("400 Bad Request", r#"{"message": "bad request"}"#),
        ("301 Moved Permanently", ""),
    ] {
        assert_eq!(answers(status, body).await.brand(brand).await, Err(Error::Unreadable), "{status} {body}");
    }
    for (status, body) in [
        ("404 Not Found", r#"{"code": 502, "description": "Brand not found", "fields": []}"#),
        ("400 Bad Request", r#"[{"code": 502, "description": "Brand not found", "field": "brandId"}]"#),
    ] {
        assert_eq!(answers(status, body).await.brand(brand).await, Err(Error::NotFound), "{status} {body}");
    }
    let other = answers("404 Not Found", r#"{"code": 504, "description": "Not for you"}"#).await.brand(brand).await;
    assert!(matches!(other, Err(Error::Refused(_))), "{other:?}");
}

#[tokio::test]
async fn nothing_is_paid_for_twice() {
    // Whether it is under way or settled when its lost answer is looked for.
    for vettings in [VettingOutcome::Wait, VettingOutcome::Score(80), VettingOutcome::Fail] {
        for fault in AFTER {
            let registry = registry().await;
            let brand = registry.brand("brand-1").await;
            registry.control.update(|behaviour| {
                behaviour.vettings = vettings;
                behaviour.write_faults = [fault].into();
            });
            registry.client.order_vetting(brand.id, VettingProvider::Aegis, "STANDARD", &[]).await.unwrap();
            let ordered = registry.client.vettings(brand.id).await.unwrap();
            assert_eq!(ordered.len(), 1, "{fault:?} {vettings:?}");
            // Another one is another one, if that is wanted.
            let before = [ordered[0].id.clone()];
            registry.client.order_vetting(brand.id, VettingProvider::Aegis, "STANDARD", &before).await.unwrap();
            assert_eq!(registry.client.vettings(brand.id).await.unwrap().len(), 2);
        }
    }
}

/// Whoever gives up waiting does not know whether it will be done, and does not order it again.
#[tokio::test]
async fn an_order_on_which_the_registry_still_works_is_not_given_again() {
    let registry = registry().await;
    let brand = registry.brand("brand-1").await;
    registry.control.update(|behaviour| behaviour.write_faults = [Fault::Late { after_ms: 600 }].into());
    let ordered = registry.client.order_vetting(brand.id, VettingProvider::Aegis, "STANDARD", &[]).await;
    assert!(ordered.unwrap_err().is_unsure());
    let found = async {
        loop {
            let found = registry.client.find_vetting(brand.id, VettingProvider::Aegis, "STANDARD", &[]).await.unwrap();
            if let Some(found) = found {
                return found;
            }
        }
    };
    tokio::time::timeout(PATIENCE, found).await.unwrap();
    assert_eq!(registry.client.vettings(brand.id).await.unwrap().len(), 1);
    // An error of the registry's own says that it has ended without it.
    registry.control.update(|behaviour| behaviour.write_faults = [Fault::Fail].into());
    let failed = registry.client.order_vetting(brand.id, VettingProvider::Wmc, "STANDARD", &[]).await;
    assert!(!failed.unwrap_err().is_unsure());
}

#[tokio::test]
async fn what_is_shared_is_shared_once() {
    for fault in AFTER {
        let registry = registry().await;
        let brand = registry.brand("brand-1").await;
        let record = registry.campaign(&brand, "campaign-1").await;
        let partner = PartnerId::parse("SABC123").unwrap();
        registry.control.update(|behaviour| {
            behaviour.sharing = SharingOutcome::Decline { reason: "no opt-in".into() };
            behaviour.write_faults = [fault].into();
        });
        registry.client.share(record.id, &partner, false).await.unwrap();
        // Another process that does not know of it.
        let next = Client::new(registry.config.clone()).unwrap();
        next.share(record.id, &partner, false).await.unwrap();
        assert_eq!(registry.control.times_shared(record.id), 1, "{fault:?}");
        assert_eq!(next.sharing(record.id).await.unwrap().unwrap().reason.as_deref(), Some("no opt-in"));
        next.share(record.id, &partner, true).await.unwrap();
        assert_eq!(registry.control.times_shared(record.id), 2, "what was declined, once more");
    }
}

#[tokio::test]
async fn what_may_be_done_twice_is_done_again() {
    let registry = registry().await;
    let brand = registry.brand("brand-1").await;
    let record = registry.campaign(&brand, "campaign-1").await;
    let number = PhoneNumber::from_u64(13_035_550_100).unwrap();
    for fault in [Fault::CutAfter, Fault::FailAfter, Fault::StallAfter] {
        let again = || registry.control.update(|behaviour| behaviour.write_faults = [fault].into());
        again();
        registry.client.assign_number(record.id, number).await.unwrap();
        again();
        registry.client.remove_number(record.id, number).await.unwrap();
        again();
        registry.client.update_brand(brand.id, &details(&company())).await.unwrap();
    }
    registry.control.update(|behaviour| behaviour.write_faults = [Fault::CutAfter].into());
    registry.client.deactivate(record.id).await.unwrap();
    registry.control.update(|behaviour| behaviour.write_faults = [Fault::CutAfter].into());
    registry.client.delete_brand(brand.id).await.unwrap();
}

#[tokio::test]
async fn a_refusal_is_not_tried_again() {
    let registry = registry().await;
    let brand = registry.brand("brand-1").await;
    let before = registry.control.requests();
    assert!(registry.client.create_campaign("c", brand.id, &campaign(UseCase::Charity)).await.is_err());
    // The look for the reference, and the request.
    assert_eq!(registry.control.requests() - before, 2);
}

#[tokio::test]
async fn a_page_of_a_proxy_is_no_answer() {
    let registry = registry().await;
    let brand = registry.brand("brand-1").await;
    registry.control.update(|behaviour| behaviour.read_faults = [Fault::GarbageAfter].into());
    assert_eq!(registry.client.brand(brand.id).await, Err(Error::Unreadable));
}

#[tokio::test]
async fn nobody_there_is_said_as_such() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}/v2", listener.local_addr().unwrap());
    drop(listener);
    let client = Client::new(ClientConfig { attempts: 2, ..quick(base_url) }).unwrap();
    assert_eq!(client.brands(1, 10).await, Err(Error::Unavailable(Cause::Connect)));
}

#[tokio::test]
async fn somebody_who_never_answers_is_not_waited_for_for_ever() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}/v2", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut some = [0; 16];
            let _ = stream.read(&mut some).await;
            open.push(stream);
        }
    });
    let config = ClientConfig { attempts: 2, time_out: Duration::from_millis(50), ..quick(base_url) };
    let client = Client::new(config).unwrap();
    assert_eq!(client.brands(1, 10).await, Err(Error::Unavailable(Cause::TimeOut)));
}

#[tokio::test]
async fn too_much_is_waited_for_or_said() {
    let registry = registry().await;
    registry.control.update(|behaviour| behaviour.read_faults = [Fault::Busy { retry_after_s: 0 }].into());
    registry.client.brands(1, 10).await.unwrap();
    // Longer than anybody wants to wait: said at once.
    registry.control.update(|behaviour| behaviour.read_faults = [Fault::Busy { retry_after_s: 3_600 }].into());
    assert_eq!(registry.client.brands(1, 10).await, Err(Error::Busy { retry_after_s: 3_600 }));
}

/// The registry's limits hold for the simulated one, too.
#[tokio::test]
async fn more_than_twenty_at_once_are_refused() {
    let config = SimulatorConfig::loopback(Secret::new("key"), secret());
    let clock = Arc::new(ManualClock::at(1_000_000));
    let simulator = Simulator::bind_with(config, clock.clone()).await.unwrap();
    let (base_url, control) = (simulator.base_url(), simulator.control());
    tokio::spawn(simulator.run(std::future::pending()));
    control.update(|behaviour| behaviour.enforce_rate = true);
    let config = ClientConfig { patience: Duration::ZERO, ..quick(base_url) };
    let client = Client::new(config.clone()).unwrap();
    for _ in 0..20 {
        client.brands(1, 10).await.unwrap();
    }
    assert_eq!(client.brands(1, 10).await, Err(Error::Busy { retry_after_s: 1 }));
    clock.advance(1_000);
    // The client was told to hold back, and does so by itself; another one goes through.
    let other = Client::new(config).unwrap();
    other.brands(1, 10).await.unwrap();
}
