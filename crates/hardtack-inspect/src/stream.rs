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

/// So many exchanges a second are shown as they happen; of more only the first so many, and it is said so.
const MOST_A_SECOND: u64 = 40;

const SECOND: Duration = Duration::from_secs(1);

/// So many events wait for a page that is slow; then its stream waits.
const MOST_WAITING: usize = 64;

/// So many pages are told at once.
const MOST_STREAMS: usize = 64;

/// Counts, as a page shows them.
#[derive(Debug, Serialize, PartialEq)]
struct Counts {
    total: u64,
    warnings: usize,
    sampled: Option<String>,
}

/// A stream of what is said from now on, after what was missed since the exchange that is known.
pub(crate) fn answer(inspector: &Inspector, look: Look) -> Response {
    let news = &inspector.shared().news;
    if news.receiver_count() >= MOST_STREAMS {
        return (StatusCode::SERVICE_UNAVAILABLE, "Too many pages of the inspector are open.")
            .into_response();
    }
    let (events, told) = mpsc::channel(MOST_WAITING);
    let news = news.subscribe();
    let telling = Telling { inspector: inspector.clone(), look, pace: Pace::new(Instant::now()), events };
    tokio::spawn(telling.tell(news));
    Sse::new(Told(told)).keep_alive(axum::response::sse::KeepAlive::default()).into_response()
}

/// What one page is told.
struct Telling {
    inspector: Inspector,
    look: Look,
    pace: Pace,
    events: mpsc::Sender<Event>,
}

impl Telling {
    /// Tells a page what is said until it goes away: then there is nothing.
    async fn tell(mut self, mut news: broadcast::Receiver<Arc<Exchange>>) -> Option<()> {
        let mut counted = None;
        // The news begin before this, so that none is between the two; what is in both is told once.
        let caught_up = self.catch_up().await?;
        loop {
            tokio::select! {
                next = news.recv() => match next {
                    Ok(exchange) if exchange.number > caught_up && self.wants(&exchange) => {
                        self.show(&exchange).await?;
                    }
                    Ok(_) => {}
                    // They were too many to wait: they count, and are not shown.
                    Err(broadcast::error::RecvError::Lagged(missed)) => self.pace.miss(missed),
                    Err(broadcast::error::RecvError::Closed) => return None,
                },
                () = sleep_until(self.pace.ends) => {
                    let counts = counts(&self.inspector, self.pace.begin_next(Instant::now()));
                    // Only what has changed is told.
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

    /// Tells what came since the exchange that the page knows, and returns the number of the last.
    async fn catch_up(&mut self) -> Option<u64> {
        let (total, missed) = {
            let record = self.inspector.record();
            let number = self.look.number(&record);
            let missed = record.ring.after(self.look.after.unwrap_or(record.total));
            let missed: Vec<_> = missed.filter(|each| self.look.wants(each, number)).cloned().collect();
            (record.total, missed)
        };
        // The newest are worth more than the oldest.
        let left_out = missed.len().saturating_sub(MOST_A_SECOND as usize);
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

    /// Shows an exchange, unless there are too many.
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

/// How many exchanges there were in this second, and how many of them were shown.
struct Pace {
    ends: Instant,
    shown: u64,
    all: u64,
}

impl Pace {
    fn new(now: Instant) -> Self {
        Self { ends: now + SECOND, shown: 0, all: 0 }
    }

    /// Whether one more is shown.
    fn takes(&mut self) -> bool {
        self.all += 1;
        let takes = self.shown < MOST_A_SECOND;
        self.shown += u64::from(takes);
        takes
    }

    fn miss(&mut self, number: u64) {
        self.all += number;
    }

    /// Ends a second, and says what was left out in it.
    fn begin_next(&mut self, now: Instant) -> Option<String> {
        let (shown, all) = (self.shown, self.all);
        *self = Self::new(now);
        (all > shown).then(|| format!("Showing {shown} of {} exchanges in the last second.", grouped(all)))
    }
}

/// A number with its thousands apart.
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
        assert_eq!((0..1003).filter(|_| pace.takes()).count() as u64, MOST_A_SECOND);
        pace.miss(7);
        let said = pace.begin_next(now);
        assert_eq!(said.as_deref(), Some("Showing 40 of 1,010 exchanges in the last second."));
        assert!(pace.takes());
        assert_eq!(pace.begin_next(now), None);
    }
}
