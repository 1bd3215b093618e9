//! The program `konaplate`, for people and for programs in any language.
//!
//! `konaplate gateway` takes plain JSON and makes calls of the KONA PLATE Open API of it: see
//! [`gateway`]. `konaplate sandbox` plays the platform, with pages for a browser: see [`portal`]. The
//! other commands are for people, who look something up, try it, or want to know why a call fails: see
//! [`commands`].

pub mod arguments;
pub mod bilingual;
pub mod catalogue;
pub mod commands;
pub mod context;
pub mod exact;
pub mod failure;
pub mod gateway;
pub mod journal_place;
pub mod layout;
pub mod loopback;
pub mod output;
pub mod portal;
pub mod program;
pub mod variables;
