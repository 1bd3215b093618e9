//! A success as the type of its operation: what of it can be read is, and the rest is set aside.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use serde_path_to_error::{Path, Segment};

use super::interpret::{Success, said_success};
use super::plan::Plan;
use super::response::Response;
use crate::error::Error;
use crate::operation::Said;
use crate::protocol::{Place, Step, Unread};

type PathError = serde_path_to_error::Error<serde_json::Error>;

/// The typed response of a success. Where it cannot be made, the error keeps the whole of it.
pub(super) fn typed<T: DeserializeOwned>(
    success: Success,
    plan: &Plan,
) -> Result<Response<T>, Error> {
    let success = success.whole(plan)?;
    match readable(&success.body) {
        Ok((value, unread)) => {
            let Success {
                body,
                exchange,
                mut came,
                ..
            } = success;
            if !unread.is_empty() {
                let unread = unread.len();
                tracing::warn!(unread, "values of a response are not what is documented");
            }
            came.unread.extend(unread);
            let is_open = matches!(exchange.said, Said::Pending | Said::Unclear);
            let response: Response<T> = Response::new(value, exchange, came);
            Ok(if is_open {
                response.with_undecided(Value::Object(body).into())
            } else {
                response
            })
        }
        Err(error) => Err(success.unreadable(unreadable(&error), plan)),
    }
}

/// The platform said success, but a field is missing or of another kind. Says which one.
fn unreadable(error: &PathError) -> Error {
    let path = error.path().to_string();
    let inner = error.inner().to_string();
    // Of serde's own words only these hold no value: the name is one of the description's.
    let missing = inner
        .strip_prefix("missing field `")
        .and_then(|rest| rest.split_once('`'));
    let message = match missing {
        Some((name, _)) => format!("its field {name} is missing"),
        None if path == "." => "it is not the documented object".to_owned(),
        None => format!("its field {path} is of another kind than documented"),
    };
    said_success(format!("but {message}"))
}

/// The type of a body, and what of the body is not in it: optional fields and items of lists that
/// are of another kind than documented.
///
/// # Errors
/// A field that has to be there is not, or of another kind: the first that was found.
fn readable<T: DeserializeOwned>(body: &Map<String, Value>) -> Result<(T, Vec<Unread>), PathError> {
    let first = match serde_path_to_error::deserialize(body) {
        Ok(value) => return Ok((value, Vec::new())),
        Err(error) => error,
    };
    let mut reader = Reader {
        whole: body,
        body: body.clone(),
        items: Vec::new(),
        unread: Vec::new(),
    };
    match reader.read() {
        Some(value) => Ok((value, reader.unread)),
        None => Err(first),
    }
}

/// Sets aside what stands in the way. A list is read item by item, with the others away, so that a
/// page on which every row is odd costs no more than reading it a few times.
struct Reader<'b> {
    whole: &'b Map<String, Value>,
    body: Map<String, Value>,
    /// Of each list on the way that holds one item alone: which one it is.
    items: Vec<usize>,
    unread: Vec<Unread>,
}

impl Reader<'_> {
    /// Reads the body as it is now, and sets aside what is in the way. None if what is has to be
    /// there, or is the item that is alone.
    fn read<T: DeserializeOwned>(&mut self) -> Option<T> {
        loop {
            let path = match serde_path_to_error::deserialize(&self.body) {
                Ok(value) => return Some(value),
                Err(error) => steps(error.path()),
            };
            let mut indices = 0;
            let list = path.iter().position(|step| {
                indices += usize::from(matches!(step, Step::Index(_)));
                indices > self.items.len()
            });
            match list {
                Some(list) => self.read_items::<T>(&path[..list])?,
                None => self.set_aside(path)?,
            }
        }
    }

    /// Leaves in a list the items that can be read. Whatever else is odd is set aside before.
    fn read_items<T: DeserializeOwned>(&mut self, list: &[Step]) -> Option<()> {
        let place: Place = list.iter().cloned().collect();
        let Value::Array(items) = place.find_mut(&mut self.body)?.take() else {
            return None;
        };
        let put = |body: &mut Map<String, Value>, items| {
            let list = place.find_mut(body)?;
            Some(std::mem::replace(list, Value::Array(items)))
        };
        put(&mut self.body, Vec::new())?;
        self.read::<T>()?;
        if place.find(&self.body).is_none() {
            // It went with what holds it.
            return Some(());
        }
        let mut readable = Vec::new();
        for (index, item) in items.into_iter().enumerate() {
            let before = self.unread.len();
            put(&mut self.body, vec![item])?;
            self.items.push(index);
            let is_readable = self.read::<T>().is_some();
            if is_readable {
                let item = put(&mut self.body, Vec::new())?;
                readable.extend(item.as_array().and_then(|items| items.first()).cloned());
            } else {
                self.unread.truncate(before);
                let alone = list.iter().cloned().chain([Step::Index(0)]);
                self.note(alone.collect());
            }
            self.items.pop();
        }
        put(&mut self.body, readable)?;
        Some(())
    }

    /// Takes the member of an object away that an error names.
    fn set_aside(&mut self, path: Vec<Step>) -> Option<()> {
        if !matches!(path.last(), Some(Step::Name(_))) {
            return None;
        }
        path.iter()
            .cloned()
            .collect::<Place>()
            .take_from(&mut self.body)?;
        self.note(path);
        Some(())
    }

    /// Notes the value that stood there before anything was taken away.
    fn note(&mut self, path: Vec<Step>) {
        let mut items = self.items.iter();
        let place: Place = path
            .into_iter()
            .map(|step| match (&step, items.as_slice()) {
                (Step::Index(_), [index, ..]) => {
                    items.next();
                    Step::Index(*index)
                }
                _ => step,
            })
            .collect();
        // What was taken out of it before is in it.
        self.unread.retain(|unread| !place.holds(&unread.place));
        if let Some(value) = place.find(self.whole) {
            self.unread.push(Unread::new(place, value.clone()));
        }
    }
}

/// The place that an error names.
fn steps(path: &Path) -> Vec<Step> {
    path.iter()
        .filter_map(|segment| match segment {
            Segment::Map { key } => Some(Step::Name(key.clone())),
            Segment::Seq { index } => Some(Step::Index(*index)),
            Segment::Enum { .. } | Segment::Unknown => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Default, Deserialize, PartialEq)]
    struct Page {
        id: u8,
        #[serde(default)]
        size: Option<u8>,
        #[serde(default)]
        rows: Vec<Row>,
        #[serde(default)]
        more: Option<Box<Page>>,
    }

    #[derive(Debug, Default, Deserialize, PartialEq)]
    struct Row {
        id: u8,
        #[serde(default)]
        amount: Option<u8>,
        #[serde(default)]
        parts: Vec<Row>,
    }

    fn row(id: u8, amount: impl Into<Option<u8>>) -> Row {
        Row {
            id,
            amount: amount.into(),
            parts: Vec::new(),
        }
    }

    /// What is read, and the places of what is not, with its JSON.
    fn read(body: Value) -> Option<(Page, Vec<(String, Value)>)> {
        let Value::Object(body) = body else {
            panic!("an object");
        };
        let (page, unread) = readable::<Page>(&body).ok()?;
        let unread = unread.iter().map(|unread| {
            let value = unread.value().expose().clone();
            (unread.expose_place(), value)
        });
        Some((page, unread.collect()))
    }

    #[test]
    fn what_is_not_readable_is_set_aside_with_its_place() {
        let (page, unread) = read(json!({
            "id": 1,
            "size": -5,
            "rows": [
                {"id": 1, "amount": 1},
                {"id": 2, "amount": -1},
                {"id": "no", "amount": 3},
                "no",
                {"id": 5, "parts": [{"id": 1}, {}, {"id": 3, "amount": []}]},
            ],
            "more": {"id": 1, "size": 300, "rows": [{"id": 7}]},
        }))
        .unwrap();
        let parts = Row {
            id: 5,
            amount: None,
            parts: vec![row(1, None), row(3, None)],
        };
        assert_eq!(page.rows, [row(1, 1), row(2, None), parts]);
        assert_eq!((page.id, page.size), (1, None));
        assert_eq!(page.more.unwrap().rows, [row(7, None)]);
        let mut unread = unread;
        unread.sort_by(|a, b| a.0.cmp(&b.0));
        assert_eq!(
            unread,
            [
                ("more.size".to_owned(), json!(300)),
                ("rows[1].amount".to_owned(), json!(-1)),
                ("rows[2]".to_owned(), json!({"id": "no", "amount": 3})),
                ("rows[3]".to_owned(), json!("no")),
                ("rows[4].parts[1]".to_owned(), json!({})),
                ("rows[4].parts[2].amount".to_owned(), json!([])),
                ("size".to_owned(), json!(-5)),
            ]
        );
    }

    #[test]
    fn an_object_without_what_it_has_to_have_is_set_aside_as_it_came() {
        let more = json!({"size": -1, "rows": [{"id": 1}, "no"]});
        let (page, unread) = read(json!({"id": 1, "more": more})).unwrap();
        assert!(page.more.is_none());
        assert_eq!(unread, [("more".to_owned(), more)]);
    }

    #[test]
    fn what_has_to_be_there_is_needed() {
        for body in [
            json!({}),
            json!({"id": -1}),
            json!({"id": null, "rows": [{"id": -1}]}),
        ] {
            assert!(read(body).is_none());
        }
    }

    #[test]
    fn a_long_page_on_which_every_row_is_odd_is_read() {
        let rows: Vec<_> = (0..10_000)
            .map(|_| json!({"id": 1, "amount": -1}))
            .collect();
        let (page, unread) = read(json!({"id": 1, "rows": rows})).unwrap();
        assert_eq!((page.rows.len(), unread.len()), (10_000, 10_000));
        assert_eq!(unread[9_999].0, "rows[9999].amount");
    }
}
