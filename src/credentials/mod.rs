//! Keys: the forms they come in, the [`Credentials`] of a project, and the [`Keyring`].
//!
//! Keys are wiped when they are dropped: the buffers used while reading by `zeroize`, the keys
//! themselves by AWS-LC, which cleanses an HMAC state and all memory that it frees.

mod environment;
mod in_use;
mod key_forms;
mod keyring;
mod other_forms;
mod project;
mod settings;

pub(crate) use environment::{ACCESS_KEY, ASP_ID, SECRET_KEY, not_set, value_of};
pub(crate) use in_use::InUse;
pub use key_forms::private_key_pkcs8;
pub use keyring::{CryptoKey, Keyring, KeyringError};
pub use project::Credentials;
pub(crate) use settings::{Settings, shared_setters};

use http::HeaderValue;

use crate::value::{Violation, check_setting};

/// An id that goes into a header: so many visible ASCII characters.
pub(crate) fn header_id(value: &str, length: usize) -> Result<HeaderValue, Violation> {
    check_setting(value)?;
    let has = value.chars().count();
    if has != length {
        return Err(Violation::new(format!(
            "must have exactly {length} characters, and has {has}"
        )));
    }
    let not_visible = || Violation::new("must be visible ASCII characters without spaces");
    if !value.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(not_visible());
    }
    let mut header = HeaderValue::from_str(value).map_err(|_| not_visible())?;
    header.set_sensitive(true);
    Ok(header)
}
