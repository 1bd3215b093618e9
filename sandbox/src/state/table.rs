//! Rows by key, and which of them have changed since they were last stored.

use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A collection of the state. It knows what was changed through it, so that storing a call costs
/// what the call changed and not what there is.
#[derive(Clone)]
pub(crate) struct Table<K, V> {
    rows: BTreeMap<K, V>,
    changed: BTreeSet<K>,
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self {
            rows: BTreeMap::new(),
            changed: BTreeSet::new(),
        }
    }
}

impl<K: Clone + Ord, V> Table<K, V> {
    pub(crate) fn insert(&mut self, key: K, row: V) {
        self.changed.insert(key.clone());
        self.rows.insert(key, row);
    }

    /// A row that will be changed.
    pub(crate) fn get_mut<Q>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
        Q: Ord + ToOwned<Owned = K> + ?Sized,
    {
        let row = self.rows.get_mut(key)?;
        self.changed.insert(key.to_owned());
        Some(row)
    }

    pub(crate) fn remove<Q>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Ord + ToOwned<Owned = K> + ?Sized,
    {
        let row = self.rows.remove(key)?;
        self.changed.insert(key.to_owned());
        Some(row)
    }

    pub(crate) fn retain(&mut self, stays: impl Fn(&V) -> bool) {
        let changed = &mut self.changed;
        self.rows.retain(|key, row| {
            let stays = stays(row);
            if !stays {
                changed.insert(key.clone());
            }
            stays
        });
    }

    /// Takes the first row out, if its key is one of those.
    pub(crate) fn remove_first_if(&mut self, is_one: impl Fn(&K) -> bool) -> Option<(K, V)> {
        let (key, _) = self.rows.first_key_value()?;
        if !is_one(key) {
            return None;
        }
        let (key, row) = self.rows.pop_first()?;
        self.changed.insert(key.clone());
        Some((key, row))
    }
}

impl<K: Ord, V> Table<K, V> {
    pub(crate) fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.rows.get(key)
    }

    pub(crate) fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.rows.contains_key(key)
    }

    /// By key.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> {
        self.rows.iter()
    }

    pub(crate) fn keys(&self) -> impl DoubleEndedIterator<Item = &K> {
        self.rows.keys()
    }

    pub(crate) fn first_key(&self) -> Option<&K> {
        self.rows.first_key_value().map(|(key, _)| key)
    }

    pub(crate) fn last_key(&self) -> Option<&K> {
        self.rows.last_key_value().map(|(key, _)| key)
    }

    pub(crate) fn values(&self) -> impl DoubleEndedIterator<Item = &V> {
        self.rows.values()
    }

    pub(crate) fn range(
        &self,
        keys: impl std::ops::RangeBounds<K>,
    ) -> impl DoubleEndedIterator<Item = (&K, &V)> {
        self.rows.range(keys)
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }
}

/// A row that changed: its key as JSON, and what it is now; none where it is gone.
pub(crate) type Change = (String, Option<String>);

/// What a table's rows are where their types do not matter.
pub(crate) trait Rows {
    /// What changed since the changes were last forgotten.
    fn changes(&self) -> Vec<Change>;

    /// What changed so far is stored, or need not be.
    fn forget_changes(&mut self);

    /// Every row counts as changed.
    fn mark_all_changed(&mut self);

    /// All rows, by key, as JSON.
    fn dump(&self) -> Vec<(Value, Value)>;

    /// Puts a row in that was stored; it does not count as changed.
    fn restore(&mut self, key: &str, row: &str) -> serde_json::Result<()>;
}

impl<K, V> Rows for Table<K, V>
where
    K: Clone + Ord + Serialize + DeserializeOwned,
    V: Serialize + DeserializeOwned,
{
    fn changes(&self) -> Vec<Change> {
        self.changed
            .iter()
            .map(|key| (json(key), self.rows.get(key).map(json)))
            .collect()
    }

    fn forget_changes(&mut self) {
        self.changed.clear();
    }

    fn mark_all_changed(&mut self) {
        self.changed.extend(self.rows.keys().cloned());
    }

    fn dump(&self) -> Vec<(Value, Value)> {
        let value = |result: serde_json::Result<Value>| result.unwrap_or(Value::Null);
        self.rows
            .iter()
            .map(|(key, row)| {
                (
                    value(serde_json::to_value(key)),
                    value(serde_json::to_value(row)),
                )
            })
            .collect()
    }

    fn restore(&mut self, key: &str, row: &str) -> serde_json::Result<()> {
        self.rows
            .insert(serde_json::from_str(key)?, serde_json::from_str(row)?);
        Ok(())
    }
}

/// The keys and rows of the state are plain data, which JSON can always hold.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_changed_is_known_until_it_is_forgotten_and_what_was_read_is_not() {
        let mut table = Table::default();
        table.insert("a".to_owned(), 1);
        table.insert("b".to_owned(), 2);
        let one = |key: &str, row: Option<&str>| (key.to_owned(), row.map(str::to_owned));
        let inserted = [one("\"a\"", Some("1")), one("\"b\"", Some("2"))];
        assert_eq!(table.changes(), inserted);
        assert_eq!(table.changes(), inserted);
        table.forget_changes();
        assert_eq!(table.get("a"), Some(&1));
        assert_eq!(table.changes(), []);
        *table.get_mut("a").unwrap() += 10;
        table.remove("b");
        assert_eq!(table.remove("c"), None);
        assert_eq!(
            table.changes(),
            [one("\"a\"", Some("11")), one("\"b\"", None)]
        );
        table.forget_changes();
        assert_eq!(table.remove_first_if(|key| key == "b"), None);
        assert!(table.remove_first_if(|key| key == "a").is_some());
        assert_eq!(table.changes(), [one("\"a\"", None)]);
        table.insert("c".to_owned(), 3);
        table.forget_changes();
        table.retain(|row| *row > 3);
        assert_eq!(table.changes(), [one("\"c\"", None)]);
    }

    #[test]
    fn stored_rows_come_back_and_are_no_change() {
        let mut table = Table::default();
        table.insert((3_u64, "x".to_owned()), vec![1, 2]);
        let mut again = Table::<(u64, String), Vec<i32>>::default();
        for (key, row) in table.changes() {
            again.restore(&key, &row.unwrap()).unwrap();
        }
        assert_eq!(again.dump(), table.dump());
        assert_eq!(again.changes(), []);
        assert!(again.restore("3", "[]").is_err());
    }
}
