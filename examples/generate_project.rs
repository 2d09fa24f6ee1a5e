//! Makes a project of generated news, for measuring.
//!
//!     cargo run --release --example generate_project -- --out DIR [--bytes 1000000]
//!         [--script latin|arabic] [--one-paragraph]
//!     cargo run --release --example generate_project -- --out DIR --articles 100000
//!         [--bytes 2000] [--script latin|arabic]
//!
//! One article has an annotation for each hundred characters, a tenth of them overlapping
//! another. Several articles are all different, each with twenty annotations by each of
//! two annotators; a hundred thousand of them take about a minute and 3 GB of disk.

#![allow(clippy::unwrap_used, reason = "a generator fails by panicking")]

#[path = "../benches/news/mod.rs"]
mod news;

use clap::Parser;
use news::Script;
use std::path::PathBuf;

#[derive(Parser)]
struct Arguments {
    /// The new project's folder
    #[arg(long)]
    out: PathBuf,
    /// How many articles
    #[arg(long, default_value_t = 1)]
    articles: usize,
    /// How long each of them is, in bytes: a megabyte for one, 2,000 for several
    #[arg(long)]
    bytes: Option<usize>,
    /// Their letters
    #[arg(long, value_enum, default_value_t = Script::Latin)]
    script: Script,
    /// Whether the one article is one paragraph
    #[arg(long, conflicts_with = "articles")]
    one_paragraph: bool,
}

fn main() {
    let arguments = Arguments::parse();
    let Arguments { out, articles, script, .. } = arguments;
    if articles > 1 {
        let bytes = arguments.bytes.unwrap_or(2_000);
        news::large_project(&out, articles, bytes, script);
        return;
    }
    let mut text = news::text(script, arguments.bytes.unwrap_or(1_000_000));
    if arguments.one_paragraph {
        text = news::in_one_paragraph(&text);
    }
    news::project(&out, &[("article-1", &text)]);
}
