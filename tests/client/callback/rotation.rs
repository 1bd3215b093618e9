//! Promise: in a rotation callbacks are taken that are signed with either key, and none of them twice.

use std::sync::atomic::AtomicUsize;

use konaplate::Error;
use konaplate::credentials::Credentials;

use super::*;

const NEW_SECRET_KEY: &str = "the secret key after the rotation";

fn signed_with(secret_key: &str) -> SignedCallback {
    let signer = CallbackSigner::new(secret_key, support::ASP_ID).unwrap();
    signer.clock(now).sign(transaction().to_string()).unwrap()
}

fn unbound() -> CallbackReceiverBuilder {
    CallbackReceiver::builder().clock(now)
}

#[test]
fn both_secret_keys_verify_and_what_they_sign_is_one_callback() {
    let both = || {
        unbound()
            .secret_key(NEW_SECRET_KEY)
            .former_secret_key(SECRET_KEY)
            .build()
            .unwrap()
    };
    for keys in [[SECRET_KEY, NEW_SECRET_KEY], [NEW_SECRET_KEY, SECRET_KEY]] {
        let receiver = both();
        let [first, again] = keys.map(signed_with);
        ready(receive(&receiver, &first).unwrap().acknowledge());
        let error = refused(&receiver, &again);
        assert_eq!(error.kind(), CallbackErrorKind::Replayed);
        let error = refused(&receiver, &signed_with("a third one"));
        assert_eq!(error.kind(), CallbackErrorKind::BadSignature);
    }
    let after = unbound().secret_key(NEW_SECRET_KEY).build().unwrap();
    let error = refused(&after, &signed_with(SECRET_KEY));
    assert_eq!(error.kind(), CallbackErrorKind::BadSignature);
}

#[test]
fn a_fingerprint_is_of_its_own_key_and_else_of_the_oldest_secret() {
    let of = |builder: CallbackReceiverBuilder, secret_key| {
        let receiver = builder.build().unwrap();
        let callback = receive(&receiver, &signed_with(secret_key)).unwrap();
        callback.fingerprint().to_owned()
    };
    let before = || unbound().secret_key(SECRET_KEY);
    let during = || {
        unbound()
            .secret_key(NEW_SECRET_KEY)
            .former_secret_key(SECRET_KEY)
    };
    let after = || unbound().secret_key(NEW_SECRET_KEY);
    let default = of(before(), SECRET_KEY);
    assert_eq!(of(during(), NEW_SECRET_KEY), default);
    assert_ne!(of(after(), NEW_SECRET_KEY), default);

    let key = "the fingerprint key";
    let own = of(before().fingerprint_key(key), SECRET_KEY);
    assert_ne!(own, default);
    assert_eq!(of(during().fingerprint_key(key), NEW_SECRET_KEY), own);
    assert_eq!(of(after().fingerprint_key(key), NEW_SECRET_KEY), own);
}

#[test]
fn a_provider_is_asked_when_the_receiver_is_made_and_again_by_refresh() {
    let asked = AtomicUsize::new(0);
    let provider = move || -> Result<Credentials, Error> {
        let secrets: &[_] = match asked.fetch_add(1, Ordering::Relaxed) {
            0 => &[SECRET_KEY],
            1 => &[NEW_SECRET_KEY, SECRET_KEY],
            2 => &[""],
            _ => &[NEW_SECRET_KEY],
        };
        let access_key = support::ACCESS_KEY;
        let mut credentials =
            Credentials::new().project_keys(support::ASP_ID, access_key, secrets[0]);
        if let Some(former) = secrets.get(1) {
            credentials = credentials.former_secret_key(former);
        }
        Ok(credentials)
    };
    let receiver = unbound().credentials_provider(provider).build().unwrap();
    let is_taken = |secret_key| match receive(&receiver, &signed_with(secret_key)) {
        Ok(callback) => {
            // Dropped, so that it is taken again.
            drop(callback);
            true
        }
        Err(error) => {
            assert_eq!(error.kind(), CallbackErrorKind::BadSignature);
            false
        }
    };
    let both = || (is_taken(SECRET_KEY), is_taken(NEW_SECRET_KEY));
    assert_eq!(both(), (true, false));
    receiver.refresh_credentials().unwrap();
    assert_eq!(both(), (true, true));
    let error = receiver.refresh_credentials().unwrap_err();
    assert_eq!(error.field(), Some("secret_key"));
    assert_eq!(both(), (true, true));
    receiver.refresh_credentials().unwrap();
    assert_eq!(both(), (false, true));
}
