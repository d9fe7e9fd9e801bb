//! The `hardtack` command as its users meet it: the real program, its arguments, what it prints and how it ends.

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
