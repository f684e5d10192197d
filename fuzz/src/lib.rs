//! What the fuzz targets have in common: settings from the first bytes of an
//! input, files in memory, and what must hold for any file that was read.

mod memory;
mod parts;
mod settings;
mod table;
mod workbook;

pub use self::{
    memory::MemoryFile, parts::parts, settings::Settings, table::check, workbook::workbook,
};
