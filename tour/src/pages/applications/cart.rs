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
    summary: "A guest fills a cart, and keeps it after logging in.",
    routes: |_| Router::new().route("/cart", get(cart).post(change_cart)),
    source: include_str!("cart.rs"),
    rust_functions: &["change_cart"],
    flask_functions: &["change_cart"],
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
const MAX_QUANTITY: u32 = 99;

#[derive(Deserialize)]
struct CartForm {
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
        .map(|(name, price)| context! { name => *name, price => format_price(*price), count => count(name) })
        .collect();
    view.render(
        "applications/cart.html",
        context! { goods, total => format_price(total), user => session.user() },
    )
}

async fn change_cart(session: Session, Form(form): Form<CartForm>) -> Redirect {
    session.update("cart", move |cart: &mut BTreeMap<String, u32>| {
        if let Some(name) = form
            .add
            .as_ref()
            .filter(|name| GOODS.iter().any(|(goods, _)| goods == name))
        {
            let count = cart.entry(name.clone()).or_default();
            *count = (*count + 1).min(MAX_QUANTITY);
        }
        if let Some(name) = &form.remove {
            cart.remove(name);
        }
    });
    Redirect::to("/cart")
}

fn format_price(cents: u32) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_have_two_decimals() {
        assert_eq!(
            [format_price(5), format_price(350), format_price(12_345)],
            ["0.05", "3.50", "123.45"]
        );
    }
}
