pub(crate) mod neutral;
