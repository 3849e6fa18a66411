//! `message-center user`: accounts from the command line.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use domain::{permission::Role, slug::Slug};
use store::users::NewUser;

use super::open;
use crate::{cli::CliError, config::Config};

#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Make a user: a super admin, a member of a workspace, both, or neither, as for staff of the 10DLC registry.
    Create(Create),
    /// Print a one-time link with which a user sets a new password.
    ResetLink {
        #[arg(long, value_name = "ADDRESS")]
        email: String,
    },
    /// Remove the second factor of a user who has lost it; sessions end.
    ResetSecondFactor {
        #[arg(long, value_name = "ADDRESS")]
        email: String,
    },
    /// Keep a user out: sessions and one-time links end.
    Block {
        #[arg(long, value_name = "ADDRESS")]
        email: String,
    },
    /// Let a blocked user sign in again.
    Restore {
        #[arg(long, value_name = "ADDRESS")]
        email: String,
    },
}

#[derive(Debug, Args)]
pub struct Create {
    #[arg(long, value_name = "ADDRESS")]
    email: String,
    #[arg(long)]
    name: String,
    /// All workspaces, users and settings.
    #[arg(long)]
    super_admin: bool,
    /// The workspace that the user joins.
    #[arg(long, value_name = "SLUG", requires = "role")]
    workspace: Option<String>,
    #[arg(long, value_enum, requires = "workspace")]
    role: Option<RoleName>,
    /// Lets an author approve and reject what others made.
    #[arg(long, requires = "role")]
    moderator_flag: bool,
    /// Read the password from this file (its first line); without it and without --ask-password a one-time link is
    /// printed.
    #[arg(long, value_name = "FILE", conflicts_with = "ask_password")]
    password_file: Option<PathBuf>,
    /// Ask for the password on the terminal.
    #[arg(long)]
    ask_password: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum RoleName {
    Author,
    Moderator,
    Admin,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Author => Self::Author,
            RoleName::Moderator => Self::Moderator,
            RoleName::Admin => Self::Admin,
        }
    }
}

pub async fn run(command: UserCommand, config: &Config) -> Result<(), CliError> {
    match command {
        UserCommand::Create(create) => create.run(config).await,
        UserCommand::ResetLink { email } => {
            let gate = open(config).await?;
            let token = store::users::reset_link(&gate, &email).await?;
            println!("{}/link/{}", config.public_url, token.reveal());
            Ok(())
        }
        UserCommand::ResetSecondFactor { email } => {
            store::users::reset_second_factor(&open(config).await?, &email).await?;
            println!("{email} signs in by the password alone until a second factor is set up again.");
            Ok(())
        }
        UserCommand::Block { email } => {
            store::users::block(&open(config).await?, &email).await?;
            println!("{email} is kept out.");
            Ok(())
        }
        UserCommand::Restore { email } => {
            store::users::restore(&open(config).await?, &email).await?;
            println!("{email} can sign in again at {}/sign-in", config.public_url);
            Ok(())
        }
    }
}

impl Create {
    async fn run(self, config: &Config) -> Result<(), CliError> {
        let password = self.password()?;
        let slug = self.workspace.as_deref().map(Slug::parse).transpose()?;
        let gate = open(config).await?;
        if let Some(slug) = &slug {
            store::workspaces::exists(&gate, slug).await?;
        }
        let new = NewUser { email: self.email, name: self.name, super_admin: self.super_admin };
        let (user, link) = store::users::create(&gate, &new, password).await?;
        if let (Some(slug), Some(role)) = (slug, self.role) {
            store::members::add(&gate, &slug, user, role.into(), self.moderator_flag).await?;
        }
        match link {
            Some(token) => println!("{}/link/{}", config.public_url, token.reveal()),
            None => println!("The user was made and can sign in at {}/sign-in", config.public_url),
        }
        Ok(())
    }

    fn password(&self) -> Result<Option<String>, CliError> {
        if let Some(file) = &self.password_file {
            let text = std::fs::read_to_string(file).map_err(|source| CliError::Read { file: file.clone(), source })?;
            return Ok(Some(text.lines().next().unwrap_or_default().to_owned()));
        }
        if !self.ask_password {
            return Ok(None);
        }
        let password = rpassword::prompt_password("Password: ").map_err(CliError::Terminal)?;
        let repeated = rpassword::prompt_password("Again: ").map_err(CliError::Terminal)?;
        if password == repeated { Ok(Some(password)) } else { Err(CliError::PasswordsDiffer) }
    }
}
