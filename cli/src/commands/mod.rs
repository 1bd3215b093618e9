//! The commands for people, a file each. What they share is in the modules beside this one; what those
//! of the protocol's parts share is in `protocol`.

pub mod call;
pub mod completions;
pub mod decrypt;
pub mod doctor;
pub mod encrypt;
pub mod explain;
pub mod journal;
pub mod operations;
mod protocol;
pub mod sandbox;
pub mod show;
pub mod sign;
pub mod verify;
