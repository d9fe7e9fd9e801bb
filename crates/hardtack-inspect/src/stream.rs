use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::http::StatusCode;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures_core::Stream;
use minijinja::context;
use serde::Serialize;
use tokio::sync::{broadcast, mpsc};
use tokio::time::{Instant, sleep_until};

use crate::exchange::Exchange;
use crate::inspector::Inspector;
use crate::look::Look;
use crate::templates::{render, shown_to};

/// The maximum number of exchanges a second that are shown live. Later ones in the same second are left out, and the
/// page says so.
const MAX_PER_SECOND: u64 = 40;

const SECOND: Duration = Duration::from_secs(1);

/// The maximum number of events that are buffered for a slow page. After that, its stream waits.
const MAX_WAITING: usize = 64;

/// The maximum number of pages that are connected at the same time.
const MAX_STREAMS: usize = 64;

/// The counts that a page shows.
#[derive(Debug, Serialize, PartialEq)]
struct Counts {
    total: u64,
    warnings: usize,
    sampled: Option<String>,
}

/// Returns an event stream of all exchanges from now on, preceded by those since the last one that the page has.
pub(crate) fn answer(inspector: &Inspector, look: Look) -> Response {
    let news = &inspector.shared().news;
    if news.receiver_count() >= MAX_STREAMS {
        return (StatusCode::SERVICE_UNAVAILABLE, "Too many pages of the inspector are open.")
            .into_response();
    }
    let (events, told) = mpsc::channel(MAX_WAITING);
    let news = news.subscribe();
    let telling = Telling { inspector: inspector.clone(), look, pace: Pace::new(Instant::now()), events };
    tokio::spawn(telling.tell(news));
    Sse::new(Told(told)).keep_alive(axum::response::sse::KeepAlive::default()).into_response()
}

/// The event stream of one page.
struct Telling {
    inspector: Inspector,
    look: Look,
    pace: Pace,
    events: mpsc::Sender<Event>,
}

impl Telling {
    /// Sends events to a page until it disconnects, and then returns `None`.
    async fn tell(mut self, mut news: broadcast::Receiver<Arc<Exchange>>) -> Option<()> {
        let mut counted = None;
        // The subscription starts before the catch-up, so that no exchange is lost between the two. An exchange in both
        // is sent once.
        let caught_up = self.catch_up().await?;
        loop {
            tokio::select! {
                next = news.recv() => match next {
                    Ok(exchange) if exchange.number > caught_up && self.wants(&exchange) => {
                        self.show(&exchange).await?;
                    }
                    Ok(_) => {}
                    // The receiver lagged behind: these exchanges are counted, but not shown.
                    Err(broadcast::error::RecvError::Lagged(missed)) => self.pace.miss(missed),
                    Err(broadcast::error::RecvError::Closed) => return None,
                },
                () = sleep_until(self.pace.ends) => {
                    let counts = counts(&self.inspector, self.pace.begin_next(Instant::now()));
                    // Only changed counts are sent.
                    if counted.as_ref() != Some(&counts) {
                        let text = serde_json::to_string(&counts).ok()?;
                        counted = Some(counts);
                        self.send(Event::default().event("counts").data(text)).await?;
                    }
                }
                () = self.events.closed() => return None,
            }
        }
    }

    /// Sends the exchanges since the last one that the page has, and returns the number of the last one.
    async fn catch_up(&mut self) -> Option<u64> {
        let (total, missed) = {
            let record = self.inspector.record();
            let number = self.look.number(&record);
            let missed = record.ring.after(self.look.after.unwrap_or(record.total));
            let missed: Vec<_> = missed.filter(|each| self.look.wants(each, number)).cloned().collect();
            (record.total, missed)
        };
        // If there are too many, the newest are sent, because they are more useful.
        let left_out = missed.len().saturating_sub(MAX_PER_SECOND as usize);
        self.pace.miss(left_out as u64);
        for exchange in &missed[left_out..] {
            self.show(exchange).await?;
        }
        Some(total)
    }

    fn wants(&self, exchange: &Exchange) -> bool {
        let record = self.inspector.record();
        self.look.wants(exchange, self.look.number(&record))
    }

    /// Sends an exchange, unless the limit of this second is reached.
    async fn show(&mut self, exchange: &Exchange) -> Option<()> {
        if !self.pace.takes() {
            return Some(());
        }
        let context = context! { exchange => shown_to(exchange), base => self.inspector.base() };
        let turn = render("turn.html", context).ok()?;
        self.send(Event::default().event("exchange").id(exchange.number.to_string()).data(turn)).await
    }

    async fn send(&self, event: Event) -> Option<()> {
        self.events.send(event).await.ok()
    }
}

fn counts(inspector: &Inspector, sampled: Option<String>) -> Counts {
    let record = inspector.record();
    Counts { total: record.total, warnings: record.count_warnings(), sampled }
}

/// The number of exchanges in the current second, and how many of them were shown.
struct Pace {
    ends: Instant,
    shown: u64,
    all: u64,
}

impl Pace {
    fn new(now: Instant) -> Self {
        Self { ends: now + SECOND, shown: 0, all: 0 }
    }

    /// Counts an exchange, and returns whether it is shown.
    fn takes(&mut self) -> bool {
        self.all += 1;
        let takes = self.shown < MAX_PER_SECOND;
        self.shown += u64::from(takes);
        takes
    }

    fn miss(&mut self, number: u64) {
        self.all += number;
    }

    /// Starts a new second, and returns a sentence about what the last one left out, if anything.
    fn begin_next(&mut self, now: Instant) -> Option<String> {
        let (shown, all) = (self.shown, self.all);
        *self = Self::new(now);
        (all > shown).then(|| format!("Showing {shown} of {} exchanges in the last second.", grouped(all)))
    }
}

/// Formats a number with separators between thousands.
fn grouped(number: u64) -> String {
    match number {
        0..1000 => number.to_string(),
        _ => format!("{},{:03}", grouped(number / 1000), number % 1000),
    }
}

/// The events as a stream.
struct Told(mpsc::Receiver<Event>);

impl Stream for Told {
    type Item = Result<Event, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(context).map(|event| event.map(Ok))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_said() {
        let now = Instant::now();
        let mut pace = Pace::new(now);
        assert_eq!((0..1003).filter(|_| pace.takes()).count() as u64, MAX_PER_SECOND);
        pace.miss(7);
        let said = pace.begin_next(now);
        assert_eq!(said.as_deref(), Some("Showing 40 of 1,010 exchanges in the last second."));
        assert!(pace.takes());
        assert_eq!(pace.begin_next(now), None);
    }
}
