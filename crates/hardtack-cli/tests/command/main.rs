//! Tests the `hardtack` program as users run it: its arguments, its output, and its exit status.

mod audit;
mod bad_site;
mod coverage;
mod databases;
mod fixture;
mod invocations;
mod jar;
mod jar_output;
mod manners;
mod pages;
mod program;
mod readme;
mod sealing;
mod sessions;
mod terminal;
mod tour;
mod unknown;
mod vectors;
