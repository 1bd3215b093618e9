//! What the program promises. One binary: it links the client once.

mod behind_nginx;
mod call;
mod calls;
mod doctor;
#[cfg(unix)]
mod help;
mod hostile_upstream;
mod journal;
mod journal_command;
mod limits;
mod listening;
mod lookups;
mod outcomes;
mod portal;
mod program;
mod protocol;
mod sandbox_killed;
mod sandbox_program;
mod support;
mod under_load;
