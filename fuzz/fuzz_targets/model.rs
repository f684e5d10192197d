//! Any bytes as a model file: one that is read and written is the same model.

#![no_main]

use std::cell::RefCell;

use libfuzzer_sys::fuzz_target;
use rfmkit::{features::Rfm, modeling::SegmentationModel};
use rfmkit_fuzz::MemoryFile;
use serde_json::Value;

thread_local! {
    static FILE: RefCell<MemoryFile> = RefCell::default();
}

fuzz_target!(|input: &[u8]| {
    FILE.with_borrow_mut(|file| {
        load(input, file);
        if let Some(sealed) = sealed(input) {
            load(&sealed, file);
        }
    });
});

/// The file with the checksum that its content has.
fn sealed(input: &[u8]) -> Option<Vec<u8>> {
    let mut value: Value = serde_json::from_slice(input).ok()?;
    let members = value.as_object_mut()?;
    members.remove("checksum");
    let checksum = blake3::hash(Value::Object(members.clone()).to_string().as_bytes());
    members.insert("checksum".to_owned(), checksum.to_hex().as_str().into());
    serde_json::to_vec(&value).ok()
}

fn load(bytes: &[u8], file: &mut MemoryFile) {
    file.fill(bytes);
    let model = match SegmentationModel::load(file.path()) {
        Ok(model) => model,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    let written = serde_json::to_vec_pretty(&model.to_value()).expect("a model is JSON");
    file.fill(&written);
    let again = SegmentationModel::load(file.path()).expect("what was written can be read");
    assert_eq!(again, model);
    assert_eq!(again.to_value(), model.to_value());
    for values in [[0.0, 1.0, 0.01], [30.0, 5.0, 250.0], [100_000.0, 1e9, 1e12]] {
        let customer = Rfm::from_array(values).expect("values in range");
        let explanation = model.explain(customer);
        assert_eq!(explanation.score.segment, model.predict(customer));
        for change in explanation.changes {
            assert_ne!(change.segment, explanation.score.segment);
        }
    }
    for segment in model.segments() {
        let _ = segment.doubts.iter().map(ToString::to_string).count();
    }
}
