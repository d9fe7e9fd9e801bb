#![doc = links!()]
#![doc = include_str!("../docs/guide.md")]

/// Where the pages' links lead in rustdoc. The first definition of a link wins, so these stand before the pages, which
/// end with definitions of their own for who reads the files.
macro_rules! links {
    () => {
        "
[quickstart]: crate::guide::quickstart
[coming from Flask]: crate::guide::from_flask
[coming from tower-sessions]: crate::guide::from_tower_sessions
[the three kinds of session]: crate::guide::kinds
[defaults]: crate::guide::defaults
[lifetimes]: crate::guide::lifetimes
[the security model]: crate::guide::security
[testing]: crate::guide::testing
[browser.rs]: crate::guide::testing#the-browser
[concurrency]: crate::guide::concurrency
[writing a store]: crate::guide::writing_a_store
[what is not promised]: crate::guide::not_promised
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
#[doc = include_str!("../docs/testing.md")]
#[doc = "```"]
#[doc = include_str!("../docs/browser.rs")]
#[doc = "```"]
pub mod testing {}
