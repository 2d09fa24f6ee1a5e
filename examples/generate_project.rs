//! Makes a project of generated news, for measuring.
//!
//!     cargo run --release --example generate_project -- --out DIR [--articles 1]
//!         [--bytes 1000000] [--script latin|arabic]
//!
//! One annotation for each hundred characters, a tenth of them overlapping another.

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
    /// How long each of them is, in bytes
    #[arg(long, default_value_t = 1_000_000)]
    bytes: usize,
    /// Their letters
    #[arg(long, value_enum, default_value_t = Script::Latin)]
    script: Script,
    /// Whether each article is one paragraph
    #[arg(long)]
    one_paragraph: bool,
}

fn main() {
    let arguments = Arguments::parse();
    let mut text = news::text(arguments.script, arguments.bytes);
    if arguments.one_paragraph {
        text = news::in_one_paragraph(&text);
    }
    let names: Vec<String> = (1..=arguments.articles).map(|at| format!("article-{at}")).collect();
    let articles: Vec<_> = names.iter().map(|name| (name.as_str(), text.as_str())).collect();
    news::project(&arguments.out, &articles);
}
