//! The credentials in use, which can be replaced while calls are under way.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use super::project::{Credentials, Provider};
use crate::error::{Error, ErrorKind};
use crate::protocol::KeyWrapping;

/// What is made of credentials, and where to ask for them again.
pub(crate) struct InUse<T> {
    current: RwLock<Arc<T>>,
    provider: Option<Provider>,
    wrapping: KeyWrapping,
}

impl<T> InUse<T> {
    pub(crate) fn new(current: T, provider: Option<Provider>, wrapping: KeyWrapping) -> Self {
        Self {
            current: RwLock::new(Arc::new(current)),
            provider,
            wrapping,
        }
    }

    /// What is in use now. Who holds it may end with it what it began.
    pub(crate) fn get(&self) -> Arc<T> {
        // Nothing in between can panic and leave it half replaced.
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Asks the provider again, and has `replace` make of its credentials and of what was in use
    /// what is to be used from now on. After an error nothing is replaced.
    pub(crate) fn refresh(
        &self,
        replace: impl FnOnce(Credentials, &T) -> Result<T, Error>,
    ) -> Result<(), Error> {
        let Some(provider) = &self.provider else {
            let rule = "is missing, and there is nobody to ask";
            return Err(Error::rule(
                ErrorKind::Configuration,
                "credentials_provider",
                rule,
            ));
        };
        let credentials = provider()?.ready(self.wrapping)?;
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        *current = Arc::new(replace(credentials, &current)?);
        Ok(())
    }
}

impl<T: fmt::Debug> fmt::Debug for InUse<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}
