//! The program `konaplate`, for people and for programs in any language.
//!
//! `konaplate gateway` takes plain JSON and makes calls of the KONA PLATE Open API of it: see
//! [`gateway`]. `konaplate sandbox` is the sandbox, as `konaplate-sandbox` starts it.

pub mod gateway;
