//! The connections that are open: how many there may be, and which one makes room.

use std::sync::{Arc, Mutex};

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::connection::Connection;
use super::limits::GRACE;
use crate::lock::lock;

/// All open connections.
#[derive(Debug, Clone)]
pub(super) struct Open(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    limit: usize,
    connections: Mutex<Vec<Connection>>,
    /// Told when there is one less.
    closed: Notify,
}

/// An open connection. It is not, when this is dropped.
#[derive(Debug)]
pub(super) struct Entry {
    open: Open,
    connection: Connection,
}

impl Open {
    pub(super) fn new(limit: usize) -> Self {
        Self(Arc::new(Shared {
            limit,
            connections: Mutex::default(),
            closed: Notify::new(),
        }))
    }

    pub(super) fn add(&self, connection: Connection) -> Entry {
        lock(&self.0.connections).push(connection.clone());
        Entry {
            open: self.clone(),
            connection,
        }
    }

    /// Waits until one more may be open. Of those that wait for their peers, the one that has waited
    /// longest is closed for it; one whose call is being carried out is not.
    pub(super) async fn room(&self) {
        loop {
            let closed = self.0.closed.notified();
            let Some(next) = self.make_room() else {
                return;
            };
            tokio::select! {
                () = closed => {}
                () = sleep_until(next) => {}
            }
        }
    }

    /// Returns when to try again, if there is no room yet.
    fn make_room(&self) -> Option<Instant> {
        let mut connections = lock(&self.0.connections);
        if connections.len() < self.0.limit {
            return None;
        }
        let waiting = connections
            .iter()
            .enumerate()
            .filter_map(|(place, connection)| Some((connection.waits_since()?, place)));
        let now = Instant::now();
        match waiting.min() {
            Some((since, place)) if now.duration_since(since) >= GRACE => {
                tracing::warn!(
                    limit = self.0.limit,
                    "too many connections: closing the one that waited longest for its peer"
                );
                connections.swap_remove(place).make_way();
                None
            }
            Some((since, _)) => Some(since + GRACE),
            None => Some(now + GRACE),
        }
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        lock(&self.open.0.connections).retain(|other| !other.is(&self.connection));
        self.open.0.closed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future as _;
    use std::net::{Ipv4Addr, SocketAddr};
    use std::pin::pin;
    use std::task::{Context, Waker};
    use std::time::Duration;

    use super::*;

    fn connection() -> Connection {
        Connection::new(SocketAddr::from((Ipv4Addr::LOCALHOST, 1)))
    }

    async fn made_way(connection: &Connection) -> bool {
        let mut asked = pin!(connection.asked_to_make_way());
        let mut context = Context::from_waker(Waker::noop());
        asked.as_mut().poll(&mut context).is_ready()
    }

    #[tokio::test(start_paused = true)]
    async fn the_one_that_waited_longest_makes_way() {
        let open = Open::new(3);
        let connections = [connection(), connection(), connection()];
        let mut entries = Vec::new();
        for connection in &connections {
            open.room().await;
            entries.push(open.add(connection.clone()));
            tokio::time::advance(Duration::from_secs(10)).await;
        }
        // The first one has been heard of since.
        connections[0].heard();
        open.room().await;
        assert!(made_way(&connections[1]).await);
        assert!(!made_way(&connections[0]).await && !made_way(&connections[2]).await);
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_is_carried_out_makes_no_way() {
        let open = Open::new(2);
        let (busy, idle) = (connection(), connection());
        busy.called();
        busy.has_body();
        let _busy = open.add(busy.clone());
        tokio::time::advance(Duration::from_secs(60)).await;
        let _idle = open.add(idle.clone());
        open.room().await;
        assert!(made_way(&idle).await && !made_way(&busy).await);
    }

    #[tokio::test(start_paused = true)]
    async fn who_has_just_connected_is_waited_for() {
        let open = Open::new(1);
        let first = connection();
        let _first = open.add(first.clone());
        let before = Instant::now();
        open.room().await;
        assert!(made_way(&first).await);
        // Of a clock that stands still but for what is waited for.
        assert_eq!(before.elapsed(), GRACE);
    }

    #[tokio::test(start_paused = true)]
    async fn where_all_are_busy_the_next_one_waits_until_one_ends() {
        let open = Open::new(1);
        let busy = connection();
        busy.called();
        busy.has_body();
        let entry = open.add(busy.clone());
        let waiting = tokio::spawn({
            let open = open.clone();
            async move { open.room().await }
        });
        tokio::time::sleep(Duration::from_secs(300)).await;
        assert!(!waiting.is_finished());
        drop(entry);
        waiting.await.unwrap();
        assert!(!made_way(&busy).await);
    }
}
