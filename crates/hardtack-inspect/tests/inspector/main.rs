//! The inspector as an application has it: what it shows, to whom, and what it costs to leave out.

mod browser;
mod left_out;
mod load;
mod pages;
mod peers;
mod secrets;
mod stream;
mod verdicts;
mod wire;
