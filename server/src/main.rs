//! `eventify`: see `eventify --help`.

use clap::Parser;
use eventify_server::command::Command;

fn main() -> std::process::ExitCode {
    let command = Command::parse();
    match command.run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("eventify: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}
