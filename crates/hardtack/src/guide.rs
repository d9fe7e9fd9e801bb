#![doc = links!()]
#![doc = include_str!("../docs/guide.md")]

/// The link definitions for the guide's pages in rustdoc. If a link is defined twice, Markdown uses the first
/// definition, so these definitions precede each page. The definitions at the end of a page are for readers of the
/// Markdown file.
macro_rules! links {
    () => {
        "
[Measured figures]: crate::guide::figures
[When an engine fails]: crate::guide::outages
[choosing a store]: crate::guide::choosing_a_store
[coming from Flask]: crate::guide::from_flask
[coming from tower-sessions]: crate::guide::from_tower_sessions
[comparison]: crate::guide::comparison
[concurrency]: crate::guide::concurrency
[defaults]: crate::guide::defaults
[layer order]: crate::guide::layer_order
[lifetimes]: crate::guide::lifetimes
[long-lived connections]: crate::guide::long_lived
[measured figures]: crate::guide::figures
[monitoring]: crate::guide::monitoring
[purpose]: crate::SessionLayer::purpose
[`on_event`]: crate::SessionLayer::on_event
[quickstart]: crate::guide::quickstart
[running on several servers]: crate::guide::several_servers
[testing]: crate::guide::testing
[the security model]: crate::guide::security
[the three kinds of session]: crate::guide::kinds
[what is not promised]: crate::guide::not_promised
[when an engine fails]: crate::guide::outages
[writing a store]: crate::guide::writing_a_store

[`Cookies`]: crate::Cookies
[`Metrics`]: crate::Metrics
[`Key`]: crate::Key
[`Lifetime`]: crate::Lifetime
[`NextPath`]: crate::NextPath
[`RemoveCookie`]: crate::RemoveCookie
[`ResponseFuture`]: crate::ResponseFuture
[`Rows`]: crate::store::Rows
[`SameSite::Lax`]: crate::SameSite::Lax
[`SessionLayer::stored`]: crate::SessionLayer::stored
[`SessionListing`]: crate::store::SessionListing
[`Session`]: crate::Session
[`SetCookie::new`]: crate::SetCookie::new
[`SetCookie`]: crate::SetCookie
[`StoreError::new`]: crate::store::StoreError::new
[`StoreError::unreadable`]: crate::store::StoreError::unreadable
[`StoreKey`]: crate::protocol::StoreKey
[`Unsupported`]: crate::DeviceError::Unsupported
[`User`]: crate::User
[`Value`]: crate::Value
[`Version`]: crate::store::Version
[`into_any`]: crate::SessionLayer::into_any
[`permanent`]: crate::Session::permanent
[`renew`]: crate::Session::renew
[`revoke`]: crate::store::revoke
[`save`]: crate::Session::save
[`secure`]: crate::SessionLayer::secure
[`temporary`]: crate::Session::temporary
[`value`]: crate::value
"
    };
}
use links;

#[doc = links!()]
#[doc = include_str!("../docs/quickstart.md")]
pub mod quickstart {}

#[doc = links!()]
#[doc = include_str!("../docs/from_flask.md")]
pub mod from_flask {}

#[doc = links!()]
#[doc = include_str!("../docs/from_tower_sessions.md")]
pub mod from_tower_sessions {}

#[doc = links!()]
#[doc = include_str!("../docs/layer_order.md")]
pub mod layer_order {}

#[doc = links!()]
#[doc = include_str!("../docs/monitoring.md")]
pub mod monitoring {}

#[doc = links!()]
#[doc = include_str!("../docs/testing.md")]
pub mod testing {}

#[doc = links!()]
#[doc = include_str!("../docs/kinds.md")]
pub mod kinds {}

#[doc = links!()]
#[doc = include_str!("../docs/choosing_a_store.md")]
pub mod choosing_a_store {}

#[doc = links!()]
#[doc = include_str!("../docs/figures.md")]
pub mod figures {}

#[doc = links!()]
#[doc = include_str!("../docs/comparison.md")]
pub mod comparison {}

#[doc = links!()]
#[doc = include_str!("../docs/defaults.md")]
pub mod defaults {}

#[doc = links!()]
#[doc = include_str!("../docs/lifetimes.md")]
pub mod lifetimes {}

#[doc = links!()]
#[doc = include_str!("../docs/security.md")]
pub mod security {}

#[doc = links!()]
#[doc = include_str!("../docs/concurrency.md")]
pub mod concurrency {}

#[doc = links!()]
#[doc = include_str!("../docs/long_lived.md")]
pub mod long_lived {}

#[doc = links!()]
#[doc = include_str!("../docs/several_servers.md")]
pub mod several_servers {}

#[doc = links!()]
#[doc = include_str!("../docs/outages.md")]
pub mod outages {}

#[doc = links!()]
#[doc = include_str!("../docs/not_promised.md")]
pub mod not_promised {}

#[doc = links!()]
#[doc = include_str!("../docs/writing_a_store.md")]
pub mod writing_a_store {}
