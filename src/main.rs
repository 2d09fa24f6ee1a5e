//! The program `copydesk`: everything it does is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    copydesk::cli::run()
}
