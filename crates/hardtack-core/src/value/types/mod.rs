//! Types that JSON does not have: big integers, bytes, datetimes, Markup, and UUIDs.

pub(super) mod big_int;
pub(super) mod bytes;
pub(super) mod date_time;
pub(super) mod markup;
pub(super) mod uuid;
