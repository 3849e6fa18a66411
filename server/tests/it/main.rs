//! The server from outside: its router, on a store in memory. What it answers to whom stands in `access_grid.txt`.

#![allow(clippy::large_futures, reason = "each test drives one, which is made once")]

mod actor;
mod answer;
mod api;
mod api_audit;
mod api_campaigns;
mod api_document;
mod api_examples;
mod api_exports;
mod api_suppressions;
mod case;
mod cases;
mod core_process;
mod doctor;
mod first_run;
mod foreign;
mod grafana;
mod grid;
mod installation;
mod invitations;
mod mail;
mod messaging;
mod messaging_lists;
mod metrics;
mod numbers;
mod registered;
mod registry_process;
mod repeated;
mod server;
mod subject;
mod suspension;
mod table;
mod tenant;
mod watching;
mod webhooks;
mod workspaces;
