//! Workbooks up to the table of customers: the bytes of a zip file, or the texts
//! in one, around which the target puts a zip file without a fault.

#![no_main]

use std::cell::RefCell;

use libfuzzer_sys::fuzz_target;
use rfmkit_fuzz::{MemoryFile, Settings, check, parts, workbook};

thread_local! {
    static FILES: RefCell<[MemoryFile; 2]> = RefCell::default();
}

fuzz_target!(|input: &[u8]| {
    let Some((settings, bytes)) = Settings::take(input) else {
        return;
    };
    FILES.with_borrow_mut(|[file, spare]| {
        if bytes.starts_with(b"PK") {
            file.fill(bytes);
        } else {
            file.fill(&workbook(parts(bytes)));
        }
        check(&[file.path().into()], &settings, spare);
    });
});
