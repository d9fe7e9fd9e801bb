use super::output::{HEAD, Output, plain, styled};
use crate::failure::Failure;

/// A table of text whose columns are as wide as their widest cells.
pub(crate) struct Table<const COLUMNS: usize> {
    head: [&'static str; COLUMNS],
    rows: Vec<[String; COLUMNS]>,
}

impl<const COLUMNS: usize> Table<COLUMNS> {
    pub(crate) fn new(head: [&'static str; COLUMNS]) -> Self {
        Self { head, rows: Vec::new() }
    }

    pub(crate) fn row(&mut self, cells: [String; COLUMNS]) {
        // Escaping changes the width of a cell, so it must happen before the widths of the columns are computed.
        self.rows.push(cells.map(plain));
    }

    pub(crate) fn print(&self, out: &mut Output) -> Result<(), Failure> {
        let widths: [usize; COLUMNS] = std::array::from_fn(|column| {
            let cells = self.rows.iter().map(|row| row[column].chars().count());
            cells.chain([self.head[column].len()]).max().unwrap_or_default()
        });
        out.line(styled(HEAD, line(&self.head.map(str::to_owned), &widths)))?;
        self.rows.iter().try_for_each(|row| out.line(line(row, &widths)))
    }
}

fn line(cells: &[String], widths: &[usize]) -> String {
    let cells: Vec<_> = cells.iter().zip(widths).map(|(cell, &width)| format!("{cell:<width$}")).collect();
    cells.join("  ").trim_end().to_owned()
}
