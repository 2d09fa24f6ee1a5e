//! Fuzzes the reading of one kind of file; see `fuzz/README.md`.

#![no_main]

#[path = "../../tests/support/sandbox.rs"]
mod sandbox;

use sandbox::{Kind, Sandbox};

thread_local! {
    static SANDBOX: Sandbox = Sandbox::of(std::path::Path::new("seed"));
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| SANDBOX.with(|sandbox| {
    sandbox.put(Kind::Letters, bytes);
    sandbox.read(Kind::Letters);
}));
