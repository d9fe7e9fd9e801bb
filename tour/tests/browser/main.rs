//! Every page of the tour, opened and used in Chromium: what it shows, and what the browser stores afterwards.
//!
//! `./test` installs Chromium and axe-core. A page with a row in the table below is used, and any other page is opened.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[macro_use]
mod table;
mod accessible;
mod applications;
mod cookies;
mod course;
mod expected;
mod inspected;
mod inspector;
mod jar;
mod keyboard;
mod login;
mod pictures;
mod sessions;
mod state;
mod sweep;
mod switch;
mod tampered;
mod tour;
mod visitor;

acts! {
    "/" => course::course,
    "/conversation" => state::conversation,
    "/step-zero" => state::step_zero,
    "/step-one" => state::step_one,
    "/storage" => state::storage,
    "/which" => state::which,
    "/handle-form-cookie" => cookies::handle_form_cookie,
    "/later-cookie" => cookies::later_cookie,
    "/set-cookie" => cookies::set_cookie,
    "/get-cookie" => cookies::get_cookie,
    "/delete-cookie" => cookies::delete_cookie,
    "/cookies" => cookies::all_cookies,
    "/visits" => jar::visits,
    "/preferences" => jar::preferences,
    "/options" => jar::options,
    "/limits" => jar::limits,
    "/jar" => jar::jar,
    "/some-route" => sessions::some_route,
    "/my-route" => sessions::my_route,
    "/types" => sessions::types,
    "/leaderboard" => sessions::leaderboard,
    "/anatomy" => sessions::anatomy,
    "/remember" => sessions::remember,
    "/flash" => sessions::flash,
    "/invite" => applications::invite,
    "/cart" => applications::cart,
    "/token" => applications::token,
    "/login" => login::log_in,
    "/home" => login::home,
    "/profile" => login::profile,
    "/devices" => login::devices,
    "/logout" => login::log_out,
    "/tips" => login::tips,
}
