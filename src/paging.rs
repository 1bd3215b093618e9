//! Responses that come in pages, as a stream.
//!
//! A page is asked for when the one before was read: nothing is fetched ahead. The stream ends
//! after the last page, and after an error, which it passes on; where the number of pages came in a
//! form that nobody can read, that is an error. It never asks for ever: a platform
//! that names a wrong number of pages, sends another page than it was asked for, or sends an empty
//! one ends it, and there are no more pages than the 1,001 that can be asked for.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use serde_json::Value;

use crate::error::{Delivery, Error, ErrorKind};
use crate::pipeline::Response;
use crate::protocol::Unread;
use crate::value::{Decimal, MaskedJson};

/// Number of the last page that can be asked for.
const LAST_PAGE: u64 = 1000;

/// The pages of a response, in order.
///
/// It is a [`Stream`], for the combinators of the `futures` crates, and has a [`next`](Self::next)
/// of its own, for a plain loop.
///
/// ```no_run
/// # async fn example(client: &konaplate::Client) -> Result<(), konaplate::Error> {
/// let mut pages = client
///     .list_card_transactions()
///     .par("Q180BEA3B2F1BBD8410336D66A4")
///     .start_date("20260301")
///     .end_date("20260331")
///     .pages();
/// while let Some(page) = pages.next().await {
///     for transaction in &page?.transaction_info {
///         println!("{:?}", transaction.tr_amount);
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is asked for until the stream is read"]
pub struct Pages<'a, T> {
    state: State<'a, T>,
    page: u64,
    send: Box<dyn Fn(u64) -> PageFuture<'a, T> + Send + 'a>,
}

type PageFuture<'a, T> = Pin<Box<dyn Future<Output = Result<Response<T>, Error>> + Send + 'a>>;

enum State<'a, T> {
    /// The next page is to be asked for.
    Next,
    /// A page is on its way.
    Waiting(PageFuture<'a, T>),
    /// Whether there is a further page could not be read.
    Lost,
    /// There is no further page.
    Done,
}

impl<'a, T: Paged> Pages<'a, T> {
    /// Pages from `first` on, each of which `send` asks for.
    pub(crate) fn new<F, S>(first: u64, send: F) -> Self
    where
        F: Fn(u64) -> S + Send + 'a,
        S: Future<Output = Result<Response<T>, Error>> + Send + 'a,
    {
        Self {
            state: State::Next,
            page: first,
            send: Box::new(move |page| Box::pin(send(page))),
        }
    }

    /// The next page. None after the last one, and after an error.
    pub async fn next(&mut self) -> Option<Result<Response<T>, Error>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }
}

impl<T: Paged> Stream for Pages<'_, T> {
    type Item = Result<Response<T>, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if matches!(this.state, State::Next) {
            this.state = State::Waiting((this.send)(this.page));
        }
        let future = match &mut this.state {
            State::Waiting(future) => future,
            State::Lost => {
                this.state = State::Done;
                return Poll::Ready(Some(Err(lost::<T>())));
            }
            State::Next | State::Done => return Poll::Ready(None),
        };
        let Poll::Ready(result) = future.as_mut().poll(context) else {
            return Poll::Pending;
        };
        this.state = match &result {
            Ok(response) if is_lost(response) => State::Lost,
            Ok(response) if position(response).has_next(this.page) => State::Next,
            _ => State::Done,
        };
        this.page += 1;
        Poll::Ready(Some(result))
    }
}

// The future is behind a pin of its own.
impl<T> Unpin for Pages<'_, T> {}

impl<T> fmt::Debug for Pages<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages")
            .field("page", &self.page)
            .finish_non_exhaustive()
    }
}

/// Where in all pages a response stands, by its own words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Position {
    /// `pageResponse.page`
    pub(crate) page: Option<u64>,
    /// `pageResponse.totalPages`
    pub(crate) total_pages: Option<u64>,
    /// Number of items in the response; none where the description does not know its items.
    pub(crate) items: Option<usize>,
}

impl Position {
    /// What a response says in an object that the description names, but does not know whole, in
    /// the fields with these names.
    pub(crate) fn undescribed(object: Option<&MaskedJson>, page: &str, total_pages: &str) -> Self {
        let number = |name: &str| match object?.expose().get(name)? {
            Value::Number(number) => Decimal::parse(&number.to_string())?.to_u64(),
            Value::String(text) => Decimal::parse(text)?.to_u64(),
            _ => None,
        };
        Self {
            page: number(page),
            total_pages: number(total_pages),
            items: None,
        }
    }

    /// Whether there is a page after the one with this number.
    fn has_next(self, asked: u64) -> bool {
        let follows = self.page.is_none_or(|page| page == asked);
        let has_items = self.items != Some(0);
        let is_last = self.total_pages.is_none_or(|total| asked + 1 >= total);
        follows && has_items && !is_last && asked < LAST_PAGE
    }
}

/// Where a response stands. Items that could not be read are items.
fn position<T: Paged>(response: &Response<T>) -> Position {
    let position = response.position();
    let items = position.items;
    Position {
        items: items.filter(|items| *items > 0 || response.unread().is_empty()),
        ..position
    }
}

/// Whether the platform said how many pages there are, in a way that nobody can read.
fn is_lost<T: Paged>(response: &Response<T>) -> bool {
    let is_of_pages = |place: String| {
        place
            .strip_prefix(T::PAGE)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let mut unread = response.unread().iter().map(Unread::expose_place);
    response.position().total_pages.is_none() && unread.any(is_of_pages)
}

fn lost<T: Paged>() -> Error {
    let page = T::PAGE;
    Error::new(
        ErrorKind::UnreadableResponse,
        Delivery::ProcessedUnreadable,
        format!("whether there is a further page cannot be read from {page}"),
    )
}

/// A response that is a page. Generated for the operations that take a `pageRequest`.
pub trait Paged {
    /// The response's field that says so, on the wire.
    const PAGE: &'static str;

    /// Where in all pages it stands.
    fn position(&self) -> Position;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position(page: u64, total_pages: u64, items: usize) -> Position {
        Position {
            page: Some(page),
            total_pages: Some(total_pages),
            items: Some(items),
        }
    }

    #[test]
    fn it_goes_on_to_the_last_page_and_no_further() {
        assert!(position(0, 3, 10).has_next(0));
        assert!(position(1, 3, 10).has_next(1));
        assert!(!position(2, 3, 4).has_next(2));
    }

    #[test]
    fn a_wrong_response_ends_it() {
        assert!(!position(0, 3, 10).has_next(1), "always the same page");
        assert!(!position(1, u64::MAX, 0).has_next(1), "pages without items");
        assert!(!position(1000, u64::MAX, 10).has_next(1000), "no end");
        assert!(!position(7, 0, 10).has_next(7), "a total of nothing");
        assert!(!Position::default().has_next(0), "no word of pages");
    }
}
