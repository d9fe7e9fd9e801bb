use std::collections::BTreeMap;

use axum::Router;
use axum::extract::Form;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use hardtack::Session;
use hardtack_minijinja::minijinja::Value;
use hardtack_minijinja::{View, ViewError, context};
use serde::Deserialize;

/// Two small applications: a secret invitation and a shopping cart.
pub(crate) fn routes() -> Router {
    Router::new()
        .route("/invite", get(invite).post(enter_code))
        .route("/cart", get(cart).post(change_cart))
}

const CODE: &str = "hardtack";

#[derive(Deserialize)]
struct Code {
    code: String,
}

async fn invite(session: Session, view: View) -> Result<Html<String>, ViewError> {
    view.render(
        "invite.html",
        context! { invited => session.get("invited").unwrap_or(false) },
    )
}

async fn enter_code(
    session: Session,
    view: View,
    Form(form): Form<Code>,
) -> Result<Response, ViewError> {
    if form.code.trim() != CODE {
        let page =
            view.render("invite.html", context! { invited => false, wrong => true })?;
        return Ok((StatusCode::FORBIDDEN, page).into_response());
    }
    session.insert("invited", true);
    Ok(Redirect::to("/invite").into_response())
}

/// The goods for sale, with their unit prices in cents.
const GOODS: [(&str, u32); 4] =
    [("tea", 350), ("biscuits", 280), ("jam", 420), ("butter", 310)];

/// The maximum quantity of each item.
const MAX_COUNT: u32 = 99;

#[derive(Deserialize)]
struct Change {
    add: Option<String>,
    remove: Option<String>,
}

async fn cart(session: Session, view: View) -> Result<Html<String>, ViewError> {
    let cart: BTreeMap<String, u32> = session.get("cart").unwrap_or_default();
    let count = |goods: &str| cart.get(goods).copied().unwrap_or(0);
    let total = GOODS
        .iter()
        .map(|(name, price)| count(name).saturating_mul(*price))
        .fold(0, u32::saturating_add);
    let goods: Value = GOODS
        .iter()
        .map(|(name, price)| context! { name => *name, price => money(*price), count => count(name) })
        .collect();
    view.render(
        "cart.html",
        context! { goods, total => money(total), user => session.user() },
    )
}

async fn change_cart(session: Session, Form(change): Form<Change>) -> Redirect {
    session.update("cart", move |cart: &mut BTreeMap<String, u32>| {
        if let Some(name) = change
            .add
            .as_ref()
            .filter(|name| GOODS.iter().any(|(goods, _)| goods == name))
        {
            let count = cart.entry(name.clone()).or_default();
            *count = (*count + 1).min(MAX_COUNT);
        }
        if let Some(name) = &change.remove {
            cart.remove(name);
        }
    });
    Redirect::to("/cart")
}

fn money(cents: u32) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_has_two_places() {
        assert_eq!([money(5), money(350), money(12_345)], ["0.05", "3.50", "123.45"]);
    }
}
