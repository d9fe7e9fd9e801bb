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
use crate::page_query::PageQuery;
use crate::templates::{render, to_template_value};

/// The maximum number of exchanges a second that are shown live. Later ones in the same second are left out, and the
/// page says so.
const MAX_EXCHANGES_PER_SECOND: u64 = 40;

const SECOND: Duration = Duration::from_secs(1);

/// The maximum number of events that are buffered for a slow page. After that, its stream waits.
const MAX_UNSENT_EVENTS: usize = 64;

/// The maximum number of pages that are connected at the same time.
const MAX_STREAMS: usize = 64;

/// The totals that a page shows.
#[derive(Debug, Serialize, PartialEq)]
struct Totals {
    total: u64,
    warnings: usize,
    sampled: Option<String>,
}

/// Returns an event stream of all exchanges from now on, preceded by those since the last one that the page has.
pub(crate) fn respond(inspector: &Inspector, query: PageQuery) -> Response {
    let sender = &inspector.shared().sender;
    if sender.receiver_count() >= MAX_STREAMS {
        return (StatusCode::SERVICE_UNAVAILABLE, "Too many pages of the inspector are open.")
            .into_response();
    }
    let (events, receiver) = mpsc::channel(MAX_UNSENT_EVENTS);
    let exchanges = sender.subscribe();
    let stream =
        EventStream { inspector: inspector.clone(), query, sampler: Sampler::new(Instant::now()), events };
    tokio::spawn(stream.run(exchanges));
    Sse::new(Events(receiver)).keep_alive(axum::response::sse::KeepAlive::default()).into_response()
}

/// The task that sends events to one page.
struct EventStream {
    inspector: Inspector,
    query: PageQuery,
    sampler: Sampler,
    events: mpsc::Sender<Event>,
}

impl EventStream {
    /// Sends events to a page until it disconnects, and then returns `None`.
    async fn run(mut self, mut exchanges: broadcast::Receiver<Arc<Exchange>>) -> Option<()> {
        let mut sent = None;
        // The subscription starts before the catch-up, so that no exchange is lost between the two. An exchange in both
        // is sent once.
        let caught_up = self.catch_up().await?;
        loop {
            tokio::select! {
                next = exchanges.recv() => match next {
                    Ok(exchange) if exchange.number > caught_up && self.matches(&exchange) => {
                        self.send_exchange(&exchange).await?;
                    }
                    Ok(_) => {}
                    // The receiver lagged behind: these exchanges are counted, but not shown.
                    Err(broadcast::error::RecvError::Lagged(missed)) => self.sampler.skip(missed),
                    Err(broadcast::error::RecvError::Closed) => return None,
                },
                () = sleep_until(self.sampler.second_ends) => {
                    let totals = totals(&self.inspector, self.sampler.next_second(Instant::now()));
                    // Only changed totals are sent.
                    if sent.as_ref() != Some(&totals) {
                        let text = serde_json::to_string(&totals).ok()?;
                        sent = Some(totals);
                        self.send(Event::default().event("totals").data(text)).await?;
                    }
                }
                () = self.events.closed() => return None,
            }
        }
    }

    /// Sends the exchanges since the last one that the page has, and returns the number of the last one.
    async fn catch_up(&mut self) -> Option<u64> {
        let (total, missed) = {
            let state = self.inspector.lock_state();
            let visitor = self.query.visitor(&state);
            let missed = state.exchanges.after(self.query.after.unwrap_or(state.total));
            let missed: Vec<_> = missed.filter(|each| self.query.matches(each, visitor)).cloned().collect();
            (state.total, missed)
        };
        // If there are too many, the newest are sent, because they are more useful.
        let skipped = missed.len().saturating_sub(MAX_EXCHANGES_PER_SECOND as usize);
        self.sampler.skip(skipped as u64);
        for exchange in &missed[skipped..] {
            self.send_exchange(exchange).await?;
        }
        Some(total)
    }

    fn matches(&self, exchange: &Exchange) -> bool {
        let state = self.inspector.lock_state();
        self.query.matches(exchange, self.query.visitor(&state))
    }

    /// Sends an exchange, unless the limit of this second is reached.
    async fn send_exchange(&mut self, exchange: &Exchange) -> Option<()> {
        if !self.sampler.admit() {
            return Some(());
        }
        let context = context! { exchange => to_template_value(exchange), base => self.inspector.base() };
        let turn = render("turn.html", context).ok()?;
        self.send(Event::default().event("exchange").id(exchange.number.to_string()).data(turn)).await
    }

    async fn send(&self, event: Event) -> Option<()> {
        self.events.send(event).await.ok()
    }
}

fn totals(inspector: &Inspector, sampled: Option<String>) -> Totals {
    let state = inspector.lock_state();
    Totals { total: state.total, warnings: state.count_warnings(), sampled }
}

/// The number of exchanges in the current second, and how many of them were shown.
struct Sampler {
    second_ends: Instant,
    shown: u64,
    all: u64,
}

impl Sampler {
    fn new(now: Instant) -> Self {
        Self { second_ends: now + SECOND, shown: 0, all: 0 }
    }

    /// Counts an exchange, and returns whether it is shown.
    fn admit(&mut self) -> bool {
        self.all += 1;
        let is_admitted = self.shown < MAX_EXCHANGES_PER_SECOND;
        self.shown += u64::from(is_admitted);
        is_admitted
    }

    fn skip(&mut self, number: u64) {
        self.all += number;
    }

    /// Starts a new second, and returns a sentence about what the last one left out, if anything.
    fn next_second(&mut self, now: Instant) -> Option<String> {
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

/// The events of one page, as a stream.
struct Events(mpsc::Receiver<Event>);

impl Stream for Events {
    type Item = Result<Event, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(context).map(|event| event.map(Ok))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sampler_says_what_it_left_out() {
        let now = Instant::now();
        let mut sampler = Sampler::new(now);
        assert_eq!((0..1003).filter(|_| sampler.admit()).count() as u64, MAX_EXCHANGES_PER_SECOND);
        sampler.skip(7);
        let sentence = sampler.next_second(now);
        assert_eq!(sentence.as_deref(), Some("Showing 40 of 1,010 exchanges in the last second."));
        assert!(sampler.admit());
        assert_eq!(sampler.next_second(now), None);
    }
}
