use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_core::Stream;
use minijinja::context;
use serde::Serialize;
use tokio::sync::{broadcast, mpsc};
use tokio::time::{Instant, sleep_until};

use crate::exchanges::Exchange;
use crate::pages::PageQuery;
use crate::pages::sampler::{MAX_EXCHANGES_PER_SECOND, Sampler};
use crate::pages::templates::{render, to_template_value};
use crate::state::SharedState;

/// The maximum number of events that are buffered for a slow page. When the buffer is full, the stream waits.
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

/// Returns an event stream for a page. It contains the exchanges since the last one that the page shows, and then each
/// new exchange.
pub(crate) fn stream(base: &str, state: &SharedState, query: PageQuery) -> Response {
    let exchanges = {
        let sender = &state.lock().sender;
        if sender.receiver_count() >= MAX_STREAMS {
            return (
                StatusCode::SERVICE_UNAVAILABLE,
                "Too many pages of the inspector are open: close some of them.",
            )
                .into_response();
        }
        sender.subscribe()
    };
    let (events, receiver) = mpsc::channel(MAX_UNSENT_EVENTS);
    let sampler = Sampler::new(Instant::now());
    let stream = EventStream { base: base.to_owned(), state: state.clone(), query, sampler, events };
    tokio::spawn(stream.run(exchanges));
    Sse::new(Events(receiver)).keep_alive(KeepAlive::default()).into_response()
}

/// The task that sends events to one page.
struct EventStream {
    base: String,
    state: SharedState,
    query: PageQuery,
    sampler: Sampler,
    events: mpsc::Sender<Event>,
}

impl EventStream {
    /// Sends events to the page until the page disconnects, and then returns `None`.
    async fn run(mut self, mut exchanges: broadcast::Receiver<Arc<Exchange>>) -> Option<()> {
        let mut sent = None;
        // The subscription started before the catch-up, so that no exchange is lost between the two. An exchange that
        // is part of both is sent only once.
        let caught_up = self.catch_up().await?;
        loop {
            tokio::select! {
                next = exchanges.recv() => match next {
                    Ok(exchange) if exchange.number > caught_up && self.matches(&exchange) => {
                        self.send_exchange(&exchange).await?;
                    }
                    Ok(_) => {}
                    // The receiver lagged behind. The exchanges that it missed are counted, but not shown.
                    Err(broadcast::error::RecvError::Lagged(missed)) => self.sampler.skip(missed),
                    Err(broadcast::error::RecvError::Closed) => return None,
                },
                () = sleep_until(self.sampler.second_ends) => {
                    let totals = self.totals();
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

    /// Sends the exchanges since the last one that the page shows, and returns the number of the newest exchange, or
    /// `None` if the page disconnected.
    async fn catch_up(&mut self) -> Option<u64> {
        let (total, missed) = {
            let state = self.state.lock();
            let selection = self.query.selection(&state.visitors);
            let missed = state.exchanges.after(self.query.after.unwrap_or(state.total));
            let missed: Vec<_> = missed.filter(|each| self.query.matches(each, selection)).cloned().collect();
            (state.total, missed)
        };
        // If there are too many exchanges, only the newest are sent, because they are the most useful.
        let skipped = missed.len().saturating_sub(MAX_EXCHANGES_PER_SECOND as usize);
        self.sampler.skip(skipped as u64);
        for exchange in &missed[skipped..] {
            self.send_exchange(exchange).await?;
        }
        Some(total)
    }

    fn matches(&self, exchange: &Exchange) -> bool {
        let state = self.state.lock();
        self.query.matches(exchange, self.query.selection(&state.visitors))
    }

    /// Sends an exchange, unless the limit for the current second has been reached.
    async fn send_exchange(&mut self, exchange: &Exchange) -> Option<()> {
        if !self.sampler.admit() {
            return Some(());
        }
        let context = context! { exchange => to_template_value(exchange), base => &*self.base };
        let turn = render("turn.html", context).ok()?;
        self.send(Event::default().event("exchange").id(exchange.number.to_string()).data(turn)).await
    }

    async fn send(&self, event: Event) -> Option<()> {
        self.events.send(event).await.ok()
    }

    fn totals(&mut self) -> Totals {
        let sampled = self.sampler.next_second(Instant::now());
        let state = self.state.lock();
        Totals { total: state.total, warnings: state.warnings.count(), sampled }
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
