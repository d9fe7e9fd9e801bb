//! Tests that open and use every page of the tour in Chromium, and check what the page shows and what the browser
//! stores.
//!
//! `./test` installs Chromium and axe-core. Each page with a row in the table below is used. The other pages are only
//! opened.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[macro_use]
mod scenario;
mod change_backend;
mod every_page;
mod fixture;
mod inspector;
mod keyboard;
mod scenarios;

scenarios! {
    "/" => scenarios::start::course,
    "/conversation" => scenarios::state::conversation,
    "/step-zero" => scenarios::state::step_zero,
    "/step-one" => scenarios::state::step_one,
    "/storage" => scenarios::state::storage,
    "/which" => scenarios::state::which,
    "/handle-form-cookie" => scenarios::cookies::handle_form_cookie,
    "/later-cookie" => scenarios::cookies::later_cookie,
    "/set-cookie" => scenarios::cookies::set_cookie,
    "/get-cookie" => scenarios::cookies::get_cookie,
    "/delete-cookie" => scenarios::cookies::delete_cookie,
    "/cookies" => scenarios::cookies::all_cookies,
    "/visits" => scenarios::cookies::visits,
    "/preferences" => scenarios::cookies::preferences,
    "/options" => scenarios::cookies::options,
    "/limits" => scenarios::cookies::limits,
    "/jar" => scenarios::cookies::jar,
    "/some-route" => scenarios::session::some_route,
    "/my-route" => scenarios::session::my_route,
    "/types" => scenarios::session::types,
    "/leaderboard" => scenarios::session::leaderboard,
    "/anatomy" => scenarios::session::anatomy,
    "/remember" => scenarios::session::remember,
    "/flash" => scenarios::session::flash,
    "/invite" => scenarios::applications::invite,
    "/cart" => scenarios::applications::cart,
    "/token" => scenarios::applications::token,
    "/login" => scenarios::authentication::log_in,
    "/home" => scenarios::authentication::home,
    "/profile" => scenarios::authentication::profile,
    "/devices" => scenarios::authentication::devices,
    "/logout" => scenarios::authentication::log_out,
    "/tips" => scenarios::authentication::tips,
}
