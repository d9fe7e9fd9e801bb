//! Every page of the tour, opened and used in Chromium: what it shows, and what the browser stores afterwards.
//!
//! `./test` installs Chromium and axe-core. A page with a row in the table below is used, and any other page is opened.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[macro_use]
mod table;
mod acts;
mod every_page;
mod fixture;
mod inspector;
mod keyboard;
mod switch;

acts! {
    "/" => acts::start::course,
    "/conversation" => acts::state::conversation,
    "/step-zero" => acts::state::step_zero,
    "/step-one" => acts::state::step_one,
    "/storage" => acts::state::storage,
    "/which" => acts::state::which,
    "/handle-form-cookie" => acts::cookies::handle_form_cookie,
    "/later-cookie" => acts::cookies::later_cookie,
    "/set-cookie" => acts::cookies::set_cookie,
    "/get-cookie" => acts::cookies::get_cookie,
    "/delete-cookie" => acts::cookies::delete_cookie,
    "/cookies" => acts::cookies::all_cookies,
    "/visits" => acts::cookies::visits,
    "/preferences" => acts::cookies::preferences,
    "/options" => acts::cookies::options,
    "/limits" => acts::cookies::limits,
    "/jar" => acts::cookies::jar,
    "/some-route" => acts::session::some_route,
    "/my-route" => acts::session::my_route,
    "/types" => acts::session::types,
    "/leaderboard" => acts::session::leaderboard,
    "/anatomy" => acts::session::anatomy,
    "/remember" => acts::session::remember,
    "/flash" => acts::session::flash,
    "/invite" => acts::applications::invite,
    "/cart" => acts::applications::cart,
    "/token" => acts::applications::token,
    "/login" => acts::authentication::log_in,
    "/home" => acts::authentication::home,
    "/profile" => acts::authentication::profile,
    "/devices" => acts::authentication::devices,
    "/logout" => acts::authentication::log_out,
    "/tips" => acts::authentication::tips,
}
