//! A client's settings by the names of environment variables.

use super::builder::ClientBuilder;
use crate::credentials::{ACCESS_KEY, ASP_ID, Credentials, SECRET_KEY, not_set, value_of};
use crate::error::{Error, ErrorKind};

const BASE_URL: &str = "KONAPLATE_BASE_URL";
/// `true` or `false`.
const ALLOW_PLAIN_HTTP: &str = "KONAPLATE_ALLOW_PLAIN_HTTP";

impl ClientBuilder {
    /// A builder filled from named variables, as [`Client::from_env`](crate::Client::from_env)
    /// fills one from the environment.
    ///
    /// # Errors
    /// A variable is missing or wrong. [`Error::field`] names it.
    pub fn from_vars(get: impl Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let base_url = value_of(&get, BASE_URL)?.ok_or_else(|| not_set(BASE_URL))?;
        let credentials = Credentials::from_vars(&get)?;
        for (name, is_missing) in [
            (ASP_ID, credentials.asp_id.is_none()),
            (ACCESS_KEY, credentials.access_key.is_none()),
            (SECRET_KEY, credentials.signing.is_none()),
        ] {
            if is_missing {
                return Err(not_set(name));
            }
        }
        let mut builder = Self::default().base_url(base_url.as_str());
        builder.settings.credentials = credentials;
        let allowed = value_of(&get, ALLOW_PLAIN_HTTP)?;
        match allowed.as_ref().map(|value| value.as_str()) {
            None | Some("false") => Ok(builder),
            Some("true") => Ok(builder.allow_plain_http()),
            Some(_) => Err(Error::rule(
                ErrorKind::Configuration,
                ALLOW_PLAIN_HTTP,
                "must be true or false",
            )),
        }
    }
}
