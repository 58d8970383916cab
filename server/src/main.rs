//! `eventify`: see `eventify --help`.

use clap::Parser;
use eventify_server::command::Command;

/// Hands large blocks (password hashing takes 19 MiB at a time) back to the system, where glibc keeps them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

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
