//! How requests may be encrypted, how responses are, and which.

use std::collections::{BTreeMap, BTreeSet};

use konaplate::protocol::{ContentEncryption, OaepHash};
use konaplate_spec::Encrypted;

use super::finding::Finding;
use super::observation::Told;
use super::probe::Question;
use super::session::{Made, Session};
use super::signing::Base;
use super::variant::Variant;

/// Points of the README's table.
const OAEP: &str = "Hash of RSA-OAEP: not said";
const WHOSE_KEY: &str = "Whose private key decrypts a response: the encryption guide says the server's, \
                         the credentials page the client's";

const HASHES: [OaepHash; 2] = [OaepHash::Sha256, OaepHash::Sha1];
const CONTENTS: [ContentEncryption; 2] = [ContentEncryption::A128Gcm, ContentEncryption::A256Gcm];

/// Which hash and which content encryption a request may have.
pub(super) async fn requests(
    session: &mut Session,
    base: Option<&Base>,
    question: &Question,
) -> Vec<Finding> {
    let hash = Finding::new("request-oaep-hash", "hash of RSA-OAEP, requests").readme(OAEP);
    let content = Finding::new("request-content", "content encryption, requests");
    let all = |why: &str, calls: Vec<usize>| {
        let of = |finding: &Finding| finding.clone().note(why).on(calls.clone());
        vec![of(&hash), of(&content)]
    };
    let Some(base) = base else {
        return all("no call was accepted", Vec::new());
    };
    if !session.can_encrypt() {
        return all("there is no crypto key", Vec::new());
    }
    let mut made: Vec<(OaepHash, ContentEncryption, Made)> = Vec::new();
    for hash in HASHES {
        for content in CONTENTS {
            let variant = Variant {
                hash,
                content,
                ..base.variant
            };
            let Some(call) = session.call(question, variant).await else {
                break;
            };
            made.push((hash, content, call));
        }
    }
    let calls: Vec<_> = made.iter().map(|(.., made)| made.number).collect();
    if !made.iter().any(|(.., made)| made.told == Told::Accepted) {
        let why = "no encrypted request was accepted; name a member with --user-id, who is asked about then";
        return all(why, calls);
    }
    let tellings = |of: &dyn Fn(&(OaepHash, ContentEncryption, Made)) -> bool| {
        let told: Vec<_> = made
            .iter()
            .filter(|it| of(it))
            .map(|(.., made)| made.told)
            .collect();
        told
    };
    // One that is refused where the other half of it is accepted elsewhere is refused for itself.
    let hashes = HASHES.map(|hash| {
        let others: Vec<_> = accepted(&made, |it| it.1);
        let told = tellings(&|it| it.0 == hash && others.contains(&it.1));
        (hash.algorithm(), verdict(&told))
    });
    let contents = CONTENTS.map(|content| {
        let others: Vec<_> = accepted(&made, |it| it.0);
        let told = tellings(&|it| it.1 == content && others.contains(&it.0));
        (content.name(), verdict(&told))
    });
    vec![
        said(hash, hashes, calls.clone()),
        said(content, contents, calls),
    ]
}

/// What of it stands in calls that were accepted.
fn accepted<T>(
    made: &[(OaepHash, ContentEncryption, Made)],
    part: impl Fn(&(OaepHash, ContentEncryption, Made)) -> T,
) -> Vec<T> {
    let accepted = made.iter().filter(|(.., made)| made.told == Told::Accepted);
    accepted.map(part).collect()
}

fn verdict(told: &[Told]) -> Told {
    if told.contains(&Told::Accepted) {
        Told::Accepted
    } else if told.is_empty() || told.contains(&Told::Nothing) {
        Told::Nothing
    } else {
        Told::Refused
    }
}

/// In the words of a finding.
fn said(finding: Finding, parts: [(&str, Told); 2], calls: Vec<usize>) -> Finding {
    let of = |told: Told| {
        let names: Vec<_> = parts
            .iter()
            .filter(|part| part.1 == told)
            .map(|part| part.0)
            .collect();
        names
    };
    let (accepted, refused, open) = (of(Told::Accepted), of(Told::Refused), of(Told::Nothing));
    let mut what = match accepted[..] {
        [one] => format!("{one} is accepted"),
        _ => format!("{} are accepted", accepted.join(" and ")),
    };
    if let [one] = refused[..] {
        what = format!("{what}, {one} is refused");
    }
    let finding = finding.settled(what, calls);
    match open[..] {
        [one] => finding.note(format!("whether {one} is, the responses do not tell")),
        _ => finding,
    }
}

/// How the responses that came are encrypted.
pub(super) fn responses(session: &Session) -> Vec<Finding> {
    let hash = Finding::new("response-oaep-hash", "hash of RSA-OAEP, responses").readme(OAEP);
    let content = Finding::new("response-content", "content encryption, responses");
    let whose = Finding::new("decryption-key", "whose private key decrypts a response");
    let whose = whose.readme(WHOSE_KEY);
    let encrypted: Vec<_> = (1..)
        .zip(&session.calls)
        .filter_map(|(number, call)| Some((number, call.response()?.encryption?)))
        .collect();
    let read: Vec<_> = encrypted.iter().filter(|(_, it)| it.is_decrypted).collect();
    if read.is_empty() {
        let why = if encrypted.is_empty() {
            "no encrypted response came; name a member with --user-id, whose data come encrypted"
        } else {
            "no encrypted response could be decrypted with the client's private key"
        };
        let calls: Vec<_> = encrypted.iter().map(|(number, _)| *number).collect();
        return vec![
            hash.note(why).on(calls.clone()),
            content.note(why).on(calls.clone()),
            whose.note(why).on(calls),
        ];
    }
    let calls: Vec<_> = read.iter().map(|(number, _)| *number).collect();
    let hashes: BTreeSet<_> = read
        .iter()
        .filter_map(|(_, it)| it.hash.map(OaepHash::algorithm))
        .collect();
    let contents: BTreeSet<_> = read
        .iter()
        .filter_map(|(_, it)| it.content.map(ContentEncryption::name))
        .collect();
    let setting = if hashes.contains(OaepHash::Sha1.algorithm()) {
        ".key_wrapping(KeyWrapping::RsaOaep256OrSha1)"
    } else {
        ".key_wrapping(KeyWrapping::RsaOaep256)"
    };
    let joined = |words: BTreeSet<&str>| words.into_iter().collect::<Vec<_>>().join(" and ");
    vec![
        hash.settled(joined(hashes), calls.clone()).setting(setting),
        content.settled(joined(contents), calls.clone()),
        whose.settled("the client's", calls),
    ]
}

/// Which responses are encrypted, of operations of which the description does not know it.
pub(super) fn unknown_responses(session: &Session) -> Finding {
    let finding = Finding::new(
        "unknown-encryption",
        "which responses are encrypted, where a page was not seen whole",
    )
    .readme("Which operations are encrypted, where a page was not seen whole");
    let mut found: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut calls = Vec::new();
    for (number, call) in (1..).zip(&session.calls) {
        let is_open = call.operation.encryption.response == Encrypted::Unknown;
        let Some(response) = call
            .response()
            .filter(|_| is_open && call.told() == Told::Accepted)
        else {
            continue;
        };
        let word = if response.encryption.is_some() {
            "encrypted"
        } else {
            "plain"
        };
        found.entry(&call.operation.id).or_default().insert(word);
        calls.push(number);
    }
    if found.is_empty() {
        return finding.note("no such operation responded with success");
    }
    let found: Vec<_> = found
        .into_iter()
        .map(|(id, words)| {
            format!(
                "{id}: {}",
                words.into_iter().collect::<Vec<_>>().join(" and ")
            )
        })
        .collect();
    finding.settled(found.join(", "), calls)
}
