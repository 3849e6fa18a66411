//! The pages' assets are embedded from `dist/`, which `./x` fills: look at it again whenever it changed.

fn main() {
    let dist = concat!(env!("CARGO_MANIFEST_DIR"), "/../dist");
    // Without the folder, cargo would take this script for outdated at every build.
    if std::fs::create_dir_all(dist).is_ok() {
        println!("cargo::rerun-if-changed={dist}");
    }
    println!("cargo::rerun-if-changed=build.rs");
}
