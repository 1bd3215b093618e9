//! What the program promises. One binary: it links the client once.

mod behind_nginx;
mod call;
mod calls;
mod hostile_upstream;
mod journal;
mod limits;
mod listening;
mod program;
mod support;
mod under_load;
