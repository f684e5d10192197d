//! Any bytes as CSV, packed or not, up to the table of customers.

#![no_main]

use std::cell::RefCell;

use libfuzzer_sys::fuzz_target;
use rfmkit_fuzz::{MemoryFile, Settings, check};

thread_local! {
    static FILES: RefCell<[MemoryFile; 3]> = RefCell::default();
}

fuzz_target!(|input: &[u8]| {
    let Some((settings, bytes)) = Settings::take(input) else {
        return;
    };
    FILES.with_borrow_mut(|[one, other, spare]| {
        if settings.two_files {
            let (first, second) = bytes.split_at(bytes.len() / 2);
            one.fill(first);
            other.fill(second);
            check(&[one.path().into(), other.path().into()], &settings, spare);
        } else {
            one.fill(bytes);
            check(&[one.path().into()], &settings, spare);
        }
    });
});
