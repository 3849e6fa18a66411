//! What the configuration takes, and what it refuses.

use domain::{
    inbound::{Families, Wish},
    installation::SecondFactorRule,
};

use super::*;

fn load(toml: &str, overrides: &Overrides) -> Result<Config, ConfigError> {
    Config::from_sources(
        &Figment::from(Serialized::defaults(DEFAULTS)).merge(Toml::string(toml)).merge(Serialized::defaults(overrides)),
    )
}

#[test]
fn the_default_listens_on_this_machine_only() {
    let config = load("", &Overrides::default()).unwrap();
    assert_eq!(config.public_url, "http://127.0.0.1:3000");
    assert!(config.own_origins().contains(&"http://localhost:3000".to_owned()));
}

#[test]
fn the_control_page_of_the_simulator_is_for_this_machine() {
    let config = load("simulator_control = \"127.0.0.1:2776\"", &Overrides::default()).unwrap();
    let again = load(&config.to_toml(), &Overrides::default()).unwrap();
    assert_eq!(again.simulator_control, config.simulator_control);
    let open = load("simulator_control = \"0.0.0.0:2776\"", &Overrides::default());
    assert!(matches!(open, Err(ConfigError::SimulatorControl)));
}

#[test]
fn options_win_over_the_file() {
    let overrides = Overrides { drain_s: Some(3), ..Overrides::default() };
    let config = load("drain_s = 7\nlog_format = \"json\"", &overrides).unwrap();
    assert_eq!((config.drain_s, config.log_format), (3, LogFormat::Json));
}

#[test]
fn plain_http_beyond_this_machine_has_to_be_said() {
    let open = "listen = \"0.0.0.0:80\"\n";
    assert!(matches!(load(open, &Overrides::default()), Err(ConfigError::Plain { .. })));
    assert!(load(open, &Overrides { insecure_http: true, ..Overrides::default() }).is_ok());
    let proxied = format!("{open}public_url = \"https://sms.example\"\ntrusted_proxies = [\"10.0.0.0/8\"]");
    assert!(load(&proxied, &Overrides::default()).is_ok());
}

#[test]
fn a_certificate_makes_it_https() {
    let tls = "tls_certificate = \"a.crt\"\ntls_key = \"a.key\"";
    let config = load(&format!("listen = \"0.0.0.0:443\"\n{tls}"), &Overrides::default()).unwrap();
    assert_eq!(config.public_url, "https://0.0.0.0:443");
    assert_eq!(load(&config.to_toml(), &Overrides::default()).unwrap().to_toml(), config.to_toml());
    let local = load(tls, &Overrides::default()).unwrap();
    assert!(local.own_origins().contains(&"https://localhost:3000".to_owned()));
    assert!(matches!(load("tls_key = \"a.key\"", &Overrides::default()), Err(ConfigError::HalfTls)));
    let plain = format!("public_url = \"http://sms.example\"\n{tls}");
    assert!(matches!(load(&plain, &Overrides::default()), Err(ConfigError::PlainUrl(_))));
}

#[test]
fn mistakes_are_named() {
    assert!(load("lsiten = \"127.0.0.1:1\"", &Overrides::default()).unwrap_err().to_string().contains("lsiten"));
    assert!(load("public_url = \"sms.example\"", &Overrides::default()).is_err());
    assert!(load("log_filter = \"a=b=c\"", &Overrides::default()).is_err());
}

#[test]
fn what_is_printed_can_be_read_again() {
    let toml = "trusted_proxies = [\"10.0.0.0/8\", \"::1\"]\npublic_url = \"https://sms.example/\"";
    for engine in [
        "",
        "\n[identity]\nsecond_factor = \"admins\"\nsession_hours = 12\ndiagnostics_for = \"super_admins\"",
        "\n[engine]\nclaim_limit = 50\nreceipt_wait_s = 600",
    ] {
        let config = load(&format!("{toml}{engine}"), &Overrides::default()).unwrap();
        let again = load(&config.to_toml(), &Overrides::default()).unwrap();
        assert_eq!((again.to_toml(), again.engine), (config.to_toml(), config.engine));
    }
}

#[test]
fn mail_is_checked_and_its_password_kept_out_of_sight() {
    let mail = |lines: &str| {
        load(
            &format!("[mail]\nhost = \"mx.example\"\nfrom = \"Sms <sms@example.org>\"\n{lines}"),
            &Overrides::default(),
        )
    };
    let config = mail("user = \"sms\"\npassword = \"open sesame\"").unwrap();
    assert_eq!(config.mail.as_ref().unwrap().summary(), "mx.example:587, STARTTLS");
    assert!(!format!("{config:?} {}", config.to_toml()).contains("sesame"));
    let plain = mail("tls = \"none\"").unwrap();
    assert_eq!(
        load(&plain.to_toml(), &Overrides::default()).unwrap().mail,
        Some(MailConfig { port: Some(25), ..plain.mail.unwrap() })
    );
    for (mistake, named) in [
        ("tls = \"none\"\nuser = \"sms\"\npassword = \"x\"", "unencrypted"),
        ("user = \"sms\"", "password of [mail]"),
        ("password_file = \"/nowhere\"\nuser = \"sms\"", "/nowhere"),
        ("timeout_s = 0", "timeout_s"),
        ("hots = 1", "hots"),
    ] {
        assert!(mail(mistake).unwrap_err().to_string().contains(named), "{mistake}");
    }
    assert!(
        load("[mail]\nhost = \"mx\"\nfrom = \"nobody\"", &Overrides::default())
            .unwrap_err()
            .to_string()
            .contains("from of [mail]")
    );
}

#[test]
fn the_audit_log_takes_what_is_set() {
    let load = |toml: &str| load(toml, &Overrides::default());
    let unset = load("").unwrap().audit.to_config(Path::new("data"));
    assert_eq!((unset.retention_days, unset.fallback_max_bytes), (Some(90), 200 << 20));
    let toml = "[audit]\nretention_days = 0\nfallback_max_mib = 1\ncheckpoints = \"/mnt/checkpoints.jsonl\"";
    let config = load(toml).unwrap();
    assert_eq!(load(&config.to_toml()).unwrap().audit, config.audit);
    let set = config.audit.to_config(Path::new("data"));
    assert_eq!((set.retention_days, set.fallback_max_bytes), (None, 1 << 20));
    assert_eq!(set.checkpoints.as_deref(), Some(Path::new("/mnt/checkpoints.jsonl")));
    assert!(load("[audit]\nfallback_max_mib = 0").unwrap_err().to_string().contains("fallback_max_mib"));
}

#[test]
fn what_holds_for_accounts_can_be_set() {
    let identity = |toml: &str| load(toml, &Overrides::default()).map(|config| config.identity);
    let set = identity("[identity]\npassword_min_length = 12\nsecond_factor = \"everybody\"").unwrap();
    assert_eq!((set.password_min_length, set.second_factor), (12, SecondFactorRule::Everybody));
    assert_eq!(set.session_hours, Settings::default().session_hours);
    for mistake in ["password_min_length = 3", "session_hours = 0", "sesion_hours = 8"] {
        let name = mistake.split(' ').next().unwrap();
        assert!(identity(&format!("[identity]\n{mistake}")).unwrap_err().to_string().contains(name), "{mistake}");
    }
}

#[test]
fn metrics_are_served_where_the_file_says_and_not_to_everybody() {
    let load = |toml: &str| load(toml, &Overrides::default());
    assert_eq!(load("").unwrap().metrics, None);
    let here = load("[metrics]\nlisten = \"127.0.0.1:9464\"").unwrap();
    assert_eq!(load(&here.to_toml()).unwrap().metrics, here.metrics);
    let open = load("[metrics]\nlisten = \"0.0.0.0:9464\"").unwrap_err().to_string();
    assert!(open.contains("token_file"), "{open}");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    let guarded = format!("[metrics]\nlisten = \"0.0.0.0:9464\"\ntoken_file = {file:?}");
    assert!(load(&guarded).unwrap_err().to_string().contains("cannot be read"));
    std::fs::write(&file, "short\n").unwrap();
    assert!(load(&guarded).unwrap_err().to_string().contains("16 characters"));
    std::fs::write(&file, "0123456789abcdef\n").unwrap();
    let token = load(&guarded).unwrap().metrics.unwrap().token().unwrap();
    assert_eq!(token.as_deref(), Some("0123456789abcdef"));
}

#[test]
fn what_subscribers_write_is_understood_as_it_is_set() {
    let inbound = |toml: &str| load(toml, &Overrides::default()).map(|config| config.inbound);
    let of_the_product = inbound("").unwrap();
    assert_eq!((of_the_product.to_config().families, of_the_product.to_toml()), (Families::standard(), String::new()));
    let set = inbound("[inbound]\nreply_by = \"both\"\n[[inbound.families]]\nstop = [\"HALT\"]").unwrap();
    let config = set.to_config();
    assert_eq!(config.reply_by.unwrap().as_str(), "both");
    assert_eq!(config.families.read("halt", "ACME"), Some((Wish::Stop, None)));
    assert_eq!(config.families.read("stop", "ACME"), None);
    assert_eq!(inbound(&set.to_toml()).unwrap(), set, "as a file would say it");
    for mistake in
        ["[[inbound.families]]\nstop = [\"\"]", "[inbound]\nreply_by = \"A B\"", "[inbound]\nreplyby = \"a\""]
    {
        assert!(inbound(mistake).unwrap_err().to_string().contains("inbound"), "{mistake}");
    }
}

#[test]
fn the_engine_takes_what_is_set() {
    let dispatch = |toml: &str| load(toml, &Overrides::default()).map(|config| config.engine.to_config().dispatch);
    let set = dispatch("[engine]\nclaim_limit = 50\nreceipt_wait_s = 600").unwrap();
    assert_eq!((set.claim_limit, set.receipt_wait_ms), (50, Some(600_000)));
    let unset = dispatch("").unwrap();
    let standard = engine::DispatchConfig::standard();
    assert_eq!((unset.claim_limit, unset.receipt_wait_ms), (standard.claim_limit, standard.receipt_wait_ms));
    for mistake in ["claim_limit = 0", "receipt_wait_s = 9999999", "claim_limits = 7"] {
        let name = mistake.split(' ').next().unwrap();
        assert!(dispatch(&format!("[engine]\n{mistake}")).unwrap_err().to_string().contains(name), "{mistake}");
    }
}
