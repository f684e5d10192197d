//! Parquet up to the table of customers: the bytes of a file, or its pages and its
//! footer, behind which the target puts the length of the footer.

#![no_main]

use std::cell::RefCell;

use libfuzzer_sys::fuzz_target;
use rfmkit_fuzz::{MemoryFile, Settings, check, parts};

thread_local! {
    static FILES: RefCell<[MemoryFile; 2]> = RefCell::default();
}

fuzz_target!(|input: &[u8]| {
    let Some((settings, bytes)) = Settings::take(input) else {
        return;
    };
    FILES.with_borrow_mut(|[file, spare]| {
        match parts(bytes) {
            [Some(pages), Some(footer)] => {
                let length = u32::try_from(footer.len()).unwrap_or(u32::MAX);
                file.fill(&[pages, footer, &length.to_le_bytes(), b"PAR1"].concat());
            }
            _ => file.fill(bytes),
        }
        check(&[file.path().into()], &settings, spare);
    });
});
