//! Every page of the tour, opened and used in Chromium: what it says, and what the browser then keeps.
//!
//! `./test` installs Chromium and axe-core. A new page needs a line in the table below.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[macro_use]
mod table;
mod accessible;
mod cookies;
mod expected;
mod login;
mod pictures;
mod sessions;
mod sweep;
mod switch;
mod tampered;
mod tour;
mod visitor;

acts! {
    "/handle-form-cookie" => cookies::handle_form_cookie,
    "/later-cookie" => cookies::later_cookie,
    "/set-cookie" => cookies::set_cookie,
    "/get-cookie" => cookies::get_cookie,
    "/delete-cookie" => cookies::delete_cookie,
    "/cookies" => cookies::all_cookies,
    "/some-route" => sessions::some_route,
    "/my-route" => sessions::my_route,
    "/login" => login::log_in,
    "/home" => login::home,
    "/profile" => login::profile,
    "/logout" => login::log_out,
}
