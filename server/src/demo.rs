//! `serve --demo`: a workspace to try things in. Everything goes through the same doors as a person's clicks, so the
//! audit log of the demo reads like any other.

use std::path::PathBuf;

use domain::{
    audit::Origin,
    permission::Role,
    sender::{Addressing, Npi, Saddr, Ton},
    slug::Slug,
};
use store::{
    Gate, first_run,
    first_run::{Colleague, FirstRun},
    users::NewUser,
    workspaces::NewWorkspace,
};

use crate::config::Config;

const SLUG: &str = "demo";
const PEOPLE: [(&str, &str, Role); 3] = [
    ("Ada Author", "ada@demo.example", Role::Author),
    ("Max Moderator", "max@demo.example", Role::Moderator),
    ("Ana Admin", "ana@demo.example", Role::Admin),
];
/// Recipients of the sample file, besides a duplicate and two lines that are no numbers.
const SAMPLE_RECIPIENTS: u32 = 1_000;

#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error("there are accounts already, and none of the demo's; use an empty --data-dir")]
    Occupied,
    #[error("{file} cannot be written")]
    Sample { file: PathBuf, source: std::io::Error },
    #[error("the system gives no randomness")]
    Randomness,
}

/// Fills a fresh installation, and prints new one-time links for the three people at every start.
pub async fn prepare(gate: &Gate, config: &Config) -> Result<(), DemoError> {
    if let Some(token) = first_run::set_up_link(gate).await? {
        fill(gate, &token).await?;
    }
    let sample = config.data_dir.join("sample-recipients.csv");
    std::fs::write(&sample, sample_file()).map_err(|source| DemoError::Sample { file: sample.clone(), source })?;
    println!("\nThe demo has three people. Open each link in a browser profile of its own and choose a password:\n");
    for (name, email, _) in PEOPLE {
        let token = match store::users::reset_link(gate, email).await {
            Err(store::Error::NotFound) => return Err(DemoError::Occupied),
            other => other?,
        };
        println!("  {name:<14} {}/link/{}", config.public_url, token.reveal());
    }
    println!("\nRecipients to upload: {}", sample.display());
    Ok(())
}

async fn fill(gate: &Gate, token: &store::Token) -> Result<(), DemoError> {
    let origin = Origin { user_agent: "serve --demo".to_owned(), ..Origin::default() };
    let run = FirstRun {
        admin: NewUser { email: "root@demo.example".into(), name: "Demo super admin".into(), super_admin: true },
        password: random_password()?,
        workspace: NewWorkspace {
            slug: SLUG.into(),
            display_name: "Demo".into(),
            time_zone: "Europe/Vienna".into(),
            default_country: "AT".into(),
            four_eyes: true,
        },
        colleagues: PEOPLE
            .map(|(name, email, role)| Colleague {
                email: email.into(),
                name: name.into(),
                role,
                moderator_flag: false,
            })
            .into(),
    };
    let done = first_run::complete(gate, token, run, origin.clone()).await?;
    let slug = Slug::parse(SLUG).map_err(|_| store::Error::NotFound)?;
    let mut scopes = Vec::new();
    for link in &done.links {
        let entrance = gate.set_password(&link.token, &random_password()?, origin.clone()).await?;
        if let Some(signed_in) = entrance.signed_in() {
            scopes.push(gate.enter(&signed_in.session, &slug).await?);
        }
    }
    let [_, moderator, admin] = scopes.as_slice() else {
        return Err(store::Error::NotFound.into());
    };
    let sender = store::senders::create(&admin.grant()?, "Demo").await?;
    let addressing = Addressing {
        saddr: Saddr::parse("DEMO").map_err(|_| store::Error::NotFound)?,
        source_ton: Ton::Alphanumeric,
        source_npi: Npi::Unknown,
        destination_ton: Ton::International,
        destination_npi: Npi::Isdn,
    };
    store::senders::submit_revision(&admin.grant()?, sender.id, addressing, Some("for trying things".into())).await?;
    store::senders::approve(&moderator.grant()?, sender.id, 1).await?;
    Ok(())
}

/// Nobody signs in with it: the people get links.
fn random_password() -> Result<String, DemoError> {
    let mut bytes = [0_u8; 24];
    getrandom::fill(&mut bytes).map_err(|_| DemoError::Randomness)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Austrian mobile numbers out of a range that is not assigned, with the mistakes that real files have.
fn sample_file() -> String {
    let mut text = String::from("first_name;phone;city\r\n");
    let (names, cities) = (["Anna", "Bert", "Çelik", "Dora"], ["Wien", "Graz", "Linz"]);
    for index in 0..SAMPLE_RECIPIENTS {
        let (name, city) = (names[index as usize % names.len()], cities[index as usize % cities.len()]);
        text.push_str(&format!("{name};+43 670 {:07};{city}\r\n", index * 7919 % 10_000_000));
    }
    text.push_str("Anna;0043 670 0000000;Wien\r\nBert;no number;Graz\r\nDora;12345;Linz\r\n");
    text
}
