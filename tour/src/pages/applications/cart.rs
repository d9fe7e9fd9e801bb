use std::collections::BTreeMap;

use axum::Router;
use axum::extract::Form;
use axum::response::{Html, Redirect};
use axum::routing::get;
use hardtack::Session;
use hardtack_minijinja::minijinja::Value;
use hardtack_minijinja::{View, ViewError, context};
use serde::Deserialize;

use crate::pages::{Activity, ChecklistItem, Page, templates};

pub(crate) const PAGE: Page = Page {
    path: "/cart",
    title: "A cart",
    about: "A guest fills it, and keeps it after logging in.",
    routes: |_| Router::new().route("/cart", get(cart).post(change_cart)),
    source: include_str!("cart.rs"),
    handlers: &["change_cart"],
    flask: &["change_cart"],
    templates: templates!["applications/cart.html"],
    checklist: &[ChecklistItem::new(
        "d4",
        Activity::Do,
        "fill a cart, log in, and find it full",
    )],
    is_personal: true,
    ..Page::DEFAULTS
};

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
        "applications/cart.html",
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
