//! Every method that changes a session, on every kind: mutate, reload, check.

use std::collections::BTreeMap;

use hardtack::{Session, Value};
use serde::{Deserialize, Serialize};

use crate::observed;
use crate::support::{Visits, browser, kinds, session_cookie};

/// Defines a test that changes the session in one request and reads it in another.
macro_rules! mutate_reload_see {
    ($name:ident, |$before:ident| $prepare:expr, |$during:ident| $mutate:expr, |$after:ident| $read:expr, $expected:expr) => {
        #[tokio::test]
        async fn $name() {
            for (kind, layer) in kinds() {
                let browser = browser();
                browser
                    .visit(&layer, |$before: Session| async move {
                        let _ = $prepare;
                    })
                    .await;
                browser
                    .visit(&layer, |$during: Session| async move {
                        let _ = $mutate;
                    })
                    .await;
                let seen = browser.visit(&layer, |$after: Session| async move { $read }).await.value.unwrap();
                assert_eq!(seen, $expected, "{kind}");
            }
        }
    };
}

mutate_reload_see!(
    insert,
    |session| session.insert("a", 1),
    |session| session.insert("b", "two"),
    |session| (session.get::<i64>("a"), session.get::<String>("b")),
    (Some(1), Some("two".to_owned()))
);
mutate_reload_see!(
    insert_over,
    |session| session.insert("a", 1),
    |session| session.insert("a", 2),
    |session| session.get::<i64>("a"),
    Some(2)
);
mutate_reload_see!(
    try_insert,
    |session| session.insert("a", 1),
    |session| session.try_insert("point", &Point { x: 1.5, y: -2.0 }),
    |session| session.get::<Point>("point"),
    Some(Point { x: 1.5, y: -2.0 })
);
mutate_reload_see!(
    extend,
    |session| session.insert("a", 1),
    |session| session.extend([("a", 2), ("b", 3)]),
    |session| (session.get::<i64>("a"), session.get::<i64>("b")),
    (Some(2), Some(3))
);
mutate_reload_see!(
    update,
    |session| session.insert("n", 1),
    |session| session.update("n", |n: &mut i64| *n += 41),
    |session| session.get::<i64>("n"),
    Some(42)
);
mutate_reload_see!(
    update_of_a_nested_list,
    |session| session.insert("l", vec![1]),
    |session| session.update("l", |list: &mut Vec<i64>| list.push(2)),
    |session| session.get::<Vec<i64>>("l"),
    Some(vec![1, 2])
);
mutate_reload_see!(
    try_update,
    |session| session.insert("s", "one"),
    |session| (session.try_update("n", |n: &mut u8| *n += 1), session.try_update("s", |n: &mut u8| *n += 1)),
    |session| (session.get::<u8>("n"), session.get::<String>("s")),
    (Some(1), Some("one".to_owned()))
);
mutate_reload_see!(
    remove,
    |session| session.extend([("a", 1), ("b", 2)]),
    |session| session.remove("a"),
    |session| session.keys(),
    vec!["b".to_owned()]
);
mutate_reload_see!(
    take,
    |session| session.extend([("a", 1), ("b", 2)]),
    |session| assert_eq!(session.take::<i64>("a"), Some(1)),
    |session| session.keys(),
    vec!["b".to_owned()]
);
mutate_reload_see!(
    clear,
    |session| session.extend([("a", 1), ("b", 2)]),
    |session| session.clear(),
    |session| (session.is_empty(), session.len()),
    (true, 0)
);
mutate_reload_see!(
    destroy,
    |session| session.extend([("a", 1), ("b", 2)]),
    |session| session.destroy(),
    |session| session.is_empty(),
    true
);
mutate_reload_see!(
    renew,
    |session| session.insert("a", 1),
    |session| session.renew(),
    |session| session.get::<i64>("a"),
    Some(1)
);
mutate_reload_see!(
    permanent,
    |session| session.insert("a", 1),
    |session| session.permanent(),
    |session| session.is_permanent(),
    true
);
mutate_reload_see!(
    temporary,
    |session| session.permanent(),
    |session| session.temporary(),
    |session| session.is_permanent(),
    false
);
mutate_reload_see!(
    log_in,
    |session| session.insert("cart", vec!["tea"]),
    |session| session.log_in("jane"),
    |session| (session.user(), session.get::<Vec<String>>("cart")),
    (Some("jane".to_owned()), Some(vec!["tea".to_owned()]))
);
mutate_reload_see!(
    log_out,
    |session| {
        session.insert("cart", vec!["tea"]);
        session.log_in(7)
    },
    |session| session.log_out(),
    |session| (session.user(), session.is_empty()),
    (None, true)
);
mutate_reload_see!(
    write_from,
    |session| session.insert("z", true),
    |session| session.write_from(&Point { x: 1.0, y: 2.0 }).unwrap(),
    |session| (session.read_as::<Point>().unwrap(), session.contains("z")),
    (Point { x: 1.0, y: 2.0 }, true)
);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Point {
    x: f64,
    y: f64,
}

#[tokio::test]
async fn all_pairs_are_gone_through_in_order() {
    for (kind, layer) in kinds() {
        let browser = browser();
        browser.visit(&layer, |session| async move { session.extend([("b", 2), ("a", 1)]) }).await;
        let pairs: BTreeMap<String, Value> =
            browser.visit(&layer, |session| async move { session.iter().collect() }).await.value.unwrap();
        assert_eq!(pairs, BTreeMap::from([("a".to_owned(), 1.into()), ("b".to_owned(), 2.into())]), "{kind}");
    }
}

#[tokio::test]
async fn a_value_of_another_type_is_told_from_none() {
    for (kind, layer) in kinds() {
        let browser = browser();
        browser.visit(&layer, |session| async move { session.insert("a", "text") }).await;
        browser
            .visit(&layer, |session| async move {
                assert_eq!(session.get::<i64>("a"), None, "{kind}");
                assert!(session.try_get::<i64>("a").is_err(), "{kind}");
                assert!(session.try_get::<i64>("b").unwrap().is_none(), "{kind}");
                assert_eq!(session.take::<i64>("a"), None, "{kind}");
                assert!(session.contains("a"), "{kind}");
            })
            .await;
    }
}

#[tokio::test]
async fn an_update_of_another_type_runs_on_a_default_and_stores_nothing() {
    for (kind, layer) in kinds() {
        let browser = browser();
        browser.visit(&layer, |session| async move { session.insert("a", "text") }).await;
        let returned = browser
            .visit(&layer, |session| async move {
                session.update("a", |n: &mut i64| {
                    *n += 1;
                    *n
                })
            })
            .await;
        assert_eq!(returned.value, Some(1), "{kind}");
        let seen = browser.visit(&layer, |session| async move { session.get::<String>("a") }).await;
        assert_eq!(seen.value.flatten().as_deref(), Some("text"), "{kind}");
    }
}

#[tokio::test]
async fn lists_stay_lists_and_tuples_tuples() {
    for (kind, layer) in kinds() {
        let browser = browser();
        browser
            .visit(&layer, |session| async move {
                session.insert("list", vec![1, 2]);
                session.insert("tuple", (1, "two"));
            })
            .await;
        let seen =
            browser.visit(&layer, |session| async move { (session.get("list"), session.get("tuple")) }).await;
        let list = Value::List(vec![1.into(), 2.into()]);
        let tuple = Value::Tuple(vec![1.into(), "two".into()]);
        assert_eq!(seen.value, Some((Some(list), Some(tuple))), "{kind}");
    }
}

#[tokio::test]
async fn sessions_told_apart_by_markers_do_not_meet() {
    struct Admin;
    use crate::support::keys;
    let main = observed::signed(keys());
    let admin = observed::signed(keys()).named::<Admin>("admin");
    let (visitor, operator) = (browser(), browser());
    visitor.visit(&main, |session| async move { session.insert("a", 1) }).await;
    operator.visit(&admin, |session| async move { session.insert("a", 2) }).await;
    // A cookie of one session is refused under the name of the other, because their salts differ.
    let forger = operator.thief();
    forger.edit_cookie("__Host-admin", &session_cookie(&visitor).unwrap()).unwrap();
    let seen = forger.visit(&admin, |session| async move { session.get::<i64>("a") }).await;
    assert_eq!(seen.value.flatten(), None);
    assert_eq!(admin.metrics().rejected, 1);
    let seen = operator.visit(&admin, |session| async move { session.get::<i64>("a") }).await;
    assert_eq!(seen.value.flatten(), Some(2));
}
