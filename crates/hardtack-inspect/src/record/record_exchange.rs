use std::sync::Arc;

use axum::http::header;

use crate::exchanges::{Exchange, RequestHead, ResponseHead, name_and_value};
use crate::record::record_request_cookies::record_request_cookies;
use crate::record::record_sessions::record_sessions;
use crate::record::record_set_cookies::record_set_cookies;
use crate::state::InspectorState;

/// Builds an exchange from a request and its response, stores it, and sends it to the open pages.
pub(crate) fn record_exchange(
    state: &mut InspectorState,
    request: &RequestHead,
    response: &ResponseHead<'_>,
) {
    state.total += 1;
    state.redactor.add_session_names(&response.traces);
    let redactor = &state.redactor;
    let visitor = state.visitors.find_or_add(request);
    let visitor_number = visitor.label.number;
    let context = request.jar_context();
    let mut exchange =
        Exchange::new(state.total, visitor.label.clone(), request, response, redactor.redaction());
    let reference = exchange.reference();
    (exchange.received, exchange.received_left_out) =
        record_request_cookies(request, context.as_ref(), &response.traces, redactor, visitor);
    exchange.set =
        record_set_cookies(request, context.as_ref(), response.headers, &reference, redactor, visitor);
    let (sessions, session_warnings) = record_sessions(response, &exchange, redactor, visitor);
    exchange.sessions = sessions;
    let (notices, warnings): (Vec<_>, Vec<_>) =
        exchange.set.iter().flat_map(|cookie| &cookie.advice).cloned().partition(|advice| advice.is_notice());
    exchange.warnings = warnings.into_iter().chain(session_warnings).collect();
    exchange.summarize();
    for warning in exchange.warnings.iter().chain(&notices) {
        state.warnings.record(warning, &reference);
        visitor.warnings.record(warning, &reference);
    }
    let lines = response.headers.get_all(header::SET_COOKIE);
    for (line, _) in lines.iter().zip(&exchange.set).filter(|(_, cookie)| cookie.decision.is_stored()) {
        let (name, value) = name_and_value(line.as_bytes());
        state.visitors.record_cookie(visitor_number, name, value);
    }
    // The state is still locked, so the exchanges have the same order in the buffer and on the pages.
    let exchange = Arc::new(exchange);
    state.exchanges.push(Arc::clone(&exchange));
    // An error means that no page is connected.
    let _ = state.sender.send(exchange);
}
