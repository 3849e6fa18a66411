//! The `message-center` program: the web server, and commands for operators. A library, so that tests reach the router.

pub mod access;
pub mod assets;
pub mod audit;
pub mod cli;
mod clock;
mod commands;
pub mod config;
mod demo;
pub mod doctor;
pub mod grafana;
pub mod health;
mod layers;
mod logging;
pub mod mail;
pub mod metrics;
mod removal;
pub mod router;
mod routes;
mod serve;
mod services;
pub mod state;
mod theme;
mod tls;
mod upkeep;
pub mod webhooks;
