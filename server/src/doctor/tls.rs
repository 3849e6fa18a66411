//! Certificates: whether they can be used, and when they end.

use std::fs;

use app::api::diagnostics::Finding;

use sms_core::certificate;

use super::{Area, Doctor};
use crate::{metrics::Certificate, tls};

const DAY_S: i64 = 86_400;
const SOON_DAYS: i64 = 30;
const NOW_DAYS: i64 = 7;

pub(super) async fn look(doctor: &Doctor) -> Vec<Finding> {
    let mut area = Area::new("Certificates");
    if let Some((certificate, key)) = doctor.config.tls_files()
        && let Err(error) = tls::Certificate::read(certificate, key).await
    {
        let reason = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
        area.fault(
            "web",
            format!("certificate and key cannot be used together: {reason}"),
            "give it the key that belongs to the certificate",
        );
    }
    in_files(&mut area, doctor.now_s(), &Certificate::all(&doctor.config));
    // Outside of a running server the links of the product are not open.
    for (of, pem) in doctor.live.iter().flat_map(|live| live.links.certificates()) {
        judge(&mut area, doctor.now_s(), &of, "what the link has", pem.as_bytes(), RENEW_IN_PRODUCT);
    }
    for (of, pem) in doctor.live.iter().flat_map(|live| live.links.revocation_lists()) {
        judge_list(&mut area, doctor.now_s(), &of, "what the link has", pem.as_bytes(), RENEW_LIST_IN_PRODUCT);
    }
    area.findings
}

/// The file of an SMS Core: what its links and certificates cannot be used for, and when certificates and lists end.
pub(super) fn of_core(now_s: i64, flaws: Vec<String>, certificates: &[Certificate]) -> Vec<Finding> {
    let mut area = Area::new("SMS Core");
    if flaws.is_empty() {
        area.good("file", "links, certificates and lists can be used");
    }
    for flaw in flaws {
        area.fault("file", flaw, "mend it: an SMS Core would not start, and one that runs goes on as it was");
    }
    in_files(&mut area, now_s, certificates);
    area.findings
}

fn in_files(area: &mut Area, now_s: i64, certificates: &[Certificate]) {
    for Certificate { of, file, is_list } in certificates {
        let shown = file.display().to_string();
        let pem = match fs::read(file) {
            Ok(pem) => pem,
            Err(_) if *is_list => {
                area.fault(
                    of,
                    format!("{shown} cannot be read"),
                    "put the list in place: what runs goes on with the one that it read last, but would not start again",
                );
                continue;
            }
            Err(cause) => {
                area.fault(
                    of,
                    format!("{shown} cannot be read: {cause}"),
                    "let the user that runs the program read the file",
                );
                continue;
            }
        };
        if *is_list {
            judge_list(area, now_s, of, &shown, &pem, RENEW_LIST);
        } else {
            judge(area, now_s, of, &shown, &pem, RENEW);
        }
    }
}

/// One that is out of date stops nothing.
fn judge_list(area: &mut Area, now_s: i64, of: &str, shown: &str, pem: &[u8], advice: &str) {
    let Some(end_s) = certificate::first_list_end_s(pem) else {
        area.fault(of, format!("{shown} has no revocation list that can be read"), "give it lists in PEM format");
        return;
    };
    let days = (end_s - now_s).div_euclid(DAY_S);
    if days < 0 {
        area.warn(
            of,
            format!("{shown} is out of date since {} days: what was revoked since is not known", -days),
            advice,
        );
    } else {
        area.good(of, format!("it is good for {days} days"));
    }
}

fn judge(area: &mut Area, now_s: i64, of: &str, shown: &str, pem: &[u8], advice: &str) {
    let Some(end_s) = certificate::end_s(pem) else {
        area.fault(of, format!("{shown} has no certificate that can be read"), "give it a certificate in PEM format");
        return;
    };
    let days = (end_s - now_s).div_euclid(DAY_S);
    if days < 0 {
        area.fault(of, format!("{shown} ended {} days ago", -days), advice);
    } else if days < NOW_DAYS {
        area.fault(of, format!("{shown} ends within a week"), advice);
    } else if days < SOON_DAYS {
        area.warn(of, format!("{shown} ends in {days} days"), advice);
    } else {
        area.good(of, format!("it ends in {days} days"));
    }
}

const RENEW: &str =
    "renew it and put it in place of the file; the server's own is read again on SIGHUP, the others by themselves";
const RENEW_LIST: &str = "put a newer list of the authority in place of the file; it is taken by itself";
const RENEW_LIST_IN_PRODUCT: &str = "put a newer list of the authority into the settings of the link";
const RENEW_IN_PRODUCT: &str = "renew it and put it into the settings of the link";

#[cfg(test)]
mod tests {
    use app::api::diagnostics::Verdict;
    use domain::clock::Clock;
    use sms_core::remote;

    use super::*;
    use crate::clock::SystemClock;

    #[test]
    fn a_revocation_list_of_an_sms_core_is_looked_at_as_one() {
        let folder = tempfile::tempdir().unwrap();
        let issued = remote::issue(folder.path(), &["localhost".to_owned()]).unwrap();
        let now_s = SystemClock.now_ms() / 1_000;
        let looked_at = |now_s| {
            let files = [Certificate::new("core", &issued.core.0), Certificate::list("core", &issued.crl)];
            let found = of_core(now_s, Vec::new(), &files);
            let list = found.into_iter().find(|finding| finding.what == "revocation list of core").unwrap();
            (list.verdict, list.found, list.advice)
        };
        let (verdict, found, _) = looked_at(now_s);
        assert_eq!((verdict, found.contains("it is good for")), (Verdict::Good, true), "{found}");
        let (verdict, found, advice) = looked_at(now_s + 10 * 365 * DAY_S);
        assert_eq!((verdict, found.contains("is out of date since")), (Verdict::Warning, true), "{found}");
        assert_eq!(advice.as_deref(), Some(RENEW_LIST));
        fs::write(&issued.crl, "rubbish").unwrap();
        let (verdict, found, _) = looked_at(now_s);
        assert_eq!((verdict, found.contains("no revocation list that can be read")), (Verdict::Fault, true), "{found}");
        fs::remove_file(&issued.crl).unwrap();
        let (verdict, found, advice) = looked_at(now_s);
        assert_eq!((verdict, found.contains("cannot be read")), (Verdict::Fault, true), "{found}");
        assert!(advice.unwrap().contains("would not start again"));
    }
}
