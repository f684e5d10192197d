//! Models that take each other's place.

use std::{fs, path::Path, sync::LazyLock};

use proptest::{collection, prelude::*};
use rfmkit::modeling::{History, ModelError, ModelSource, SegmentationModel};

use super::model::{Values, table, train};

static MODELS: LazyLock<[SegmentationModel; 3]> = LazyLock::new(|| {
    let customers: Vec<Values> = (0..40).map(|i| (i * 7 % 90, 1 + i % 9, 500)).collect();
    let table = table(&customers);
    [1, 2, 3].map(|seed| train(&table, seed, 1))
});

fn source(folder: &Path) -> ModelSource {
    ModelSource {
        path: folder.join("models/segmentation.json"),
        is_given: true,
    }
}

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder.join("models/history"))
        .map(|entries| {
            let names = entries.map(|entry| entry.unwrap().file_name());
            names.map(|name| name.into_string().unwrap()).collect()
        })
        .unwrap_or_default();
    names.sort();
    names
}

/// What somebody does: train one of the models, or go back to an earlier one.
#[derive(Clone, Debug)]
enum Step {
    Train(usize),
    Promote(u32),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        (0..3_usize).prop_map(Step::Train),
        (1..6_u32).prop_map(Step::Promote),
    ];
    collection::vec(step, 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn every_model_that_was_replaced_is_kept_in_order(steps in steps()) {
        let folder = tempfile::tempdir().unwrap();
        let source = source(folder.path());
        let mut present: Option<String> = None;
        let mut replaced = Vec::new();
        for step in steps {
            let next = match step {
                Step::Train(index) => {
                    MODELS[index].save(&source.path).unwrap();
                    MODELS[index].checksum().to_owned()
                }
                Step::Promote(number) => {
                    let history = History::open(source.clone()).unwrap();
                    match history.find(&number.to_string()) {
                        Ok(named) => {
                            named.promote(&source).unwrap();
                            named.model.checksum().to_owned()
                        }
                        Err(error) => {
                            let is_unknown = matches!(error, ModelError::Unknown { .. });
                            prop_assert!(is_unknown && number as usize > replaced.len());
                            continue;
                        }
                    }
                }
            };
            if let Some(before) = present.replace(next.clone()).filter(|before| *before != next) {
                replaced.push(before);
            }
            let loaded = SegmentationModel::load(&source.path).unwrap();
            prop_assert_eq!(loaded.checksum(), next);
        }
        let history = History::open(source).unwrap();
        let kept: Vec<_> = history.earlier().iter().map(|earlier| {
            (earlier.number as usize, earlier.model.as_ref().unwrap().checksum())
        }).collect();
        let expected: Vec<_> = replaced.iter().enumerate().map(|(i, it)| (i + 1, it.as_str())).collect();
        prop_assert_eq!(kept, expected);
        prop_assert_eq!(files(folder.path()).len(), replaced.len());
    }

    #[test]
    fn four_digits_of_a_checksum_or_more_are_a_name(length in 0..=64_usize) {
        let folder = tempfile::tempdir().unwrap();
        let source = source(folder.path());
        for model in MODELS.iter() {
            model.save(&source.path).unwrap();
        }
        let history = History::open(source).unwrap();
        for model in MODELS.iter().chain([&SegmentationModel::reference()]) {
            let digits = &model.checksum()[..length];
            // A number of the history comes first.
            if matches!(digits.parse(), Ok(1..=2_u32)) {
                continue;
            }
            match history.find(digits) {
                Ok(named) => prop_assert_eq!(named.model.checksum(), model.checksum()),
                Err(ModelError::Unknown { .. }) => prop_assert!(length < 4),
                Err(error) => prop_assert!(false, "{error}"),
            }
        }
    }
}

#[test]
fn to_promote_and_to_promote_back_gives_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let source = source(folder.path());
    let read = || fs::read(&source.path).unwrap();
    MODELS[0].save(&source.path).unwrap();
    let first = read();
    // The layout of a file is no part of the model, and is kept all the same.
    fs::write(&source.path, MODELS[1].to_value().to_string()).unwrap();
    let second = read();
    fs::create_dir_all(folder.path().join("models/history")).unwrap();
    let earlier = folder
        .path()
        .join("models/history/0001-0123456789abcdef.json");
    fs::write(earlier, &first).unwrap();
    let promote = |name: &str| {
        let named = History::open(source.clone()).unwrap().find(name).unwrap();
        named.promote(&source).unwrap()
    };
    assert!(promote("1").changed);
    assert_eq!(read(), first);
    let promotion = promote("2");
    assert!(promotion.changed && promotion.lost.is_none());
    assert_eq!(read(), second);
    assert!(!promote("current").changed);
    assert_eq!(files(folder.path()).len(), 3);
}

#[test]
fn a_broken_present_model_is_replaced_and_said_to_be_lost() {
    let folder = tempfile::tempdir().unwrap();
    let source = source(folder.path());
    MODELS[0].save(&source.path).unwrap();
    MODELS[1].save(&source.path).unwrap();
    fs::write(&source.path, "{").unwrap();
    let history = History::open(source.clone()).unwrap();
    assert!(history.current().is_err());
    let promotion = history.find("1").unwrap().promote(&source).unwrap();
    assert!(matches!(promotion.lost, Some(ModelError::Broken { .. })));
    assert_eq!(promotion.kept, None);
    assert_eq!(SegmentationModel::load(&source.path).unwrap(), MODELS[0]);
}

#[test]
fn a_run_that_was_cut_short_leaves_no_second_copy() {
    let folder = tempfile::tempdir().unwrap();
    let source = source(folder.path());
    MODELS[0].save(&source.path).unwrap();
    let present = fs::read(&source.path).unwrap();
    let kept = MODELS[1].save(&source.path).unwrap();
    // The copy was made, the new model was not.
    fs::write(&source.path, present).unwrap();
    assert_eq!(MODELS[1].save(&source.path).unwrap(), kept);
    assert_eq!(files(folder.path()).len(), 1);
}

#[test]
fn other_files_in_the_folder_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let source = source(folder.path());
    let history = folder.path().join("models/history");
    fs::create_dir_all(&history).unwrap();
    for name in [
        "notes.txt",
        "1-0123456789abcdef.json",
        "0009-short.json",
        ".rfm-x.part",
    ] {
        fs::write(history.join(name), "x").unwrap();
    }
    fs::write(history.join("0041-0123456789abcdef.json"), "x").unwrap();
    MODELS[0].save(&source.path).unwrap();
    let kept = MODELS[1].save(&source.path).unwrap().unwrap();
    assert!(
        kept.file_name()
            .unwrap()
            .to_str()
            .unwrap()
            .starts_with("0042-")
    );
    let history = History::open(source).unwrap();
    let numbers: Vec<u32> = history
        .earlier()
        .iter()
        .map(|earlier| earlier.number)
        .collect();
    assert_eq!(numbers, [41, 42]);
}

#[test]
fn a_whole_model_is_found_beside_a_broken_copy_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let source = source(folder.path());
    MODELS[0].save(&source.path).unwrap();
    let broken = MODELS[1].save(&source.path).unwrap().unwrap();
    fs::write(broken, "{").unwrap();
    let digits = &MODELS[0].checksum()[..8];
    let find = || History::open(source.clone()).unwrap().find(digits);
    let error = find().expect_err("only the broken copy is left");
    assert!(
        matches!(error, ModelError::Named(error) if matches!(*error, ModelError::Broken { .. }))
    );
    MODELS[0].save(&source.path).unwrap();
    assert_eq!(find().unwrap().model, MODELS[0]);
}
