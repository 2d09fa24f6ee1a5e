//! Fuzzes the reading of the tables of the index; see `fuzz/README.md`.

#![no_main]

#[path = "../../tests/support/sandbox.rs"]
mod sandbox;

use sandbox::{Kind, Sandbox};

thread_local! {
    static SANDBOX: Sandbox = Sandbox::of(std::path::Path::new("seed"));
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| SANDBOX.with(|sandbox| {
    for kind in [Kind::Index, Kind::IndexOfSets] {
        sandbox.put(kind, bytes);
        sandbox.read(kind);
    }
}));
