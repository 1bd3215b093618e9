//! The fields of a body as one tree: those of the page, those that only others use, and those that
//! are named in passing.

use super::read::{Field, Mentioned};

/// Where a field is known from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    Page,
    ThirdParty,
    Mention,
}

/// One field.
#[derive(Debug)]
pub(super) struct Node<'f> {
    /// None where the page's text has lost it.
    pub(super) name: Option<&'f str>,
    pub(super) origin: Origin,
    /// None for a mere mention.
    pub(super) fact: Option<&'f Field>,
    pub(super) mention: Option<&'f Mentioned>,
    pub(super) children: Vec<Node<'f>>,
}

/// The page's fields, and after them what third parties have beyond that. Where both have a field,
/// the page counts.
pub(super) fn merge<'f>(page: &'f [Field], third_party: &'f [Field]) -> Vec<Node<'f>> {
    let of_page = page.iter().map(|fact| {
        let beside = third_party
            .iter()
            .find(|other| other.name.is_some() && other.name == fact.name)
            .map_or(&[][..], |other| &other.children);
        Node {
            name: fact.name.as_deref(),
            origin: if fact.is_third_party() {
                Origin::ThirdParty
            } else {
                Origin::Page
            },
            fact: Some(fact),
            mention: None,
            children: merge(&fact.children, beside),
        }
    });
    let beyond = third_party
        .iter()
        .filter(|other| page.iter().all(|fact| fact.name != other.name))
        .map(|fact| Node {
            name: fact.name.as_deref(),
            origin: Origin::ThirdParty,
            fact: Some(fact),
            mention: None,
            children: merge(&[], &fact.children),
        });
    of_page.chain(beyond).collect()
}

/// Adds a field that is named in passing; the dots of its name lead into objects.
pub(super) fn add_mention<'f>(nodes: &mut Vec<Node<'f>>, mention: &'f Mentioned) {
    let mut level = nodes;
    let mut parts = mention.name.split('.').peekable();
    while let Some(part) = parts.next() {
        let index = match level.iter().position(|node| node.name == Some(part)) {
            Some(index) => index,
            None => {
                level.push(Node {
                    name: Some(part),
                    origin: Origin::Mention,
                    fact: None,
                    mention: None,
                    children: Vec::new(),
                });
                level.len() - 1
            }
        };
        if parts.peek().is_none() {
            level[index].mention = Some(mention);
        }
        level = &mut level[index].children;
    }
}
