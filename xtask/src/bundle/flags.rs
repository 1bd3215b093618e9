//! What a middleware that signs and encrypts decides on, of each path: for languages whose programs do
//! not parse a description when they start.

use anyhow::Result;
use konaplate_spec::{Encrypted, Operation, Proves, Spec};
use serde_json::{Map, Value, json};

/// The file, and the copies that the packages of other languages have in them: a package holds what it
/// reads.
pub(super) const FILES: [&str; 6] = [
    "openapi/operations.json",
    "interop/go/konaplate/operations.json",
    "interop/java/src/main/resources/konaplate/operations.json",
    "interop/kotlin/src/main/resources/konaplate/kotlin/operations.json",
    "interop/python/src/konaplate/operations.json",
    "interop/typescript/src/operations.json",
];

/// The flags of all operations, as JSON.
///
/// # Errors
/// The document is not sound.
pub(super) fn flags(joined: &Value) -> Result<String> {
    let spec = Spec::from_value(joined.clone())?;
    let codes: Vec<_> = spec.codes().iter().map(|code| &code.code).collect();
    let operations: Map<_, _> = spec
        .operations()
        .iter()
        .map(|operation| (operation.path.clone(), of(operation)))
        .collect();
    let flags = json!({"version": spec.version(), "codes": codes, "operations": operations});
    Ok(serde_json::to_string_pretty(&flags)? + "\n")
}

fn of(operation: &Operation) -> Value {
    let encryption = operation.encryption;
    let is_encrypted = encryption.request == Encrypted::Yes;
    let mut flags = json!({
        "operation": operation.id,
        "effect": operation.effect.word(),
        "encryptRequest": is_encrypted,
        "sendKeyId": is_encrypted || encryption.response != Encrypted::No,
    });
    if let Some(outcome) = &operation.outcome {
        // Of a failure of the platform, as of a code that is not here, nothing is proven.
        let proves = outcome
            .proofs
            .iter()
            .filter(|proof| proof.proves != Proves::Failure);
        flags["proves"] = proves
            .map(|proof| (proof.code.clone(), proof.proves.word().into()))
            .collect::<Map<_, _>>()
            .into();
    }
    flags
}
