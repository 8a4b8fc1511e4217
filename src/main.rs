//! Reads the command line and calls one command.

use std::process::ExitCode;

use hufu::cli::{Done, run, usage};

#[expect(clippy::print_stderr, reason = "the one place that tells a person why nothing was done")]
fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_env("HUFU_LOG"))
        .with_writer(std::io::stderr)
        .init();
    let cli = match usage::read(std::env::args_os()) {
        Ok(cli) => cli,
        Err(instead) => return instead.show(),
    };
    match run(cli) {
        Ok(Done::Clean) => ExitCode::SUCCESS,
        Ok(Done::NeedsAttention) => ExitCode::from(1),
        Err(error) => {
            tracing::debug!(?error, "command failed");
            eprintln!("错误：{error}");
            ExitCode::from(2)
        }
    }
}
