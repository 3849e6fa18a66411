//! No code: its manifest unifies features of third-party crates over the workspace (`.config/hakari.toml`).
