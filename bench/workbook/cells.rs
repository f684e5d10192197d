//! Reads all cells of a workbook's first sheet, and does nothing with them.

use std::{env, error::Error, hint::black_box};

use calamine::{Reader, Xlsx, open_workbook};

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args_os().nth(1).ok_or("which workbook?")?;
    let mut workbook: Xlsx<_> = open_workbook(path)?;
    let sheet = workbook.sheet_names().first().ok_or("no sheet")?.clone();
    let mut cells = workbook.worksheet_cells_reader(&sheet)?;
    let mut count = 0_u64;
    while let Some(cell) = cells.next_cell()? {
        black_box(&cell);
        count += 1;
    }
    println!("{count}");
    Ok(())
}
