//! Files, disks and models that are not as they should be.

use std::{fs, io::Write as _, process::Command};

use flate2::{Compression, write::GzEncoder};
use insta::assert_snapshot;
use zip::write::SimpleFileOptions;

use crate::project::{AS_IT_WAS, Project, small_shop};

#[test]
fn a_missing_file() {
    assert_snapshot!(Project::new().fail(&["all", "orders.csv"]));
}

#[test]
fn a_folder_without_files() {
    let project = Project::with("orders/.hidden", small_shop());
    project.write("orders/_SUCCESS", "");
    project.write("orders/older/a.csv", small_shop());
    assert_snapshot!(project.fail(&["all", "orders"]));
}

#[test]
fn a_pattern_that_fits_nothing() {
    let project = Project::with("orders/a.txt", small_shop());
    assert_snapshot!(project.fail(&["all", "orders/*.csv"]));
}

#[test]
fn files_with_different_columns() {
    let project = Project::with("orders/a.csv", "invoice,date,customer,amount,till\n");
    project.write("orders/b.csv", "customer,amount,date,invoice\n");
    project.write("orders/c.csv", "customer,amount,date,invoice,Till,tip\n");
    assert_snapshot!(project.fail(&["all", "orders"]));
    assert_snapshot!(project.fail(&["all", "orders/b.csv", "orders/a.csv"]));
    assert_snapshot!(project.fail(&["all", "orders/[ac].csv"]));
}

#[test]
fn files_whose_dates_do_not_go_together() {
    let header = FEW_COLUMNS;
    let project = Project::with("a.csv", format!("{header}1,13/1/2024,anna,1\n"));
    project.write("b.csv", format!("{header}1,1/13/2024,anna,1\n"));
    assert_snapshot!(project.fail(&["all", "a.csv", "b.csv"]));
    project.write(
        "b.csv",
        format!("{header}1,2024-01-13 00:00 +01:00,anna,1\n"),
    );
    assert_snapshot!(project.fail(&["all", "a.csv", "b.csv"]));
    project.write("a.csv", format!("{header}1,2024-01-13,anna,1\n"));
    project.write("b.csv", format!("{header}2,1/2/2024,anna,1\n"));
    assert_snapshot!(project.fail(&["all", "a.csv", "b.csv"]));
}

#[test]
fn no_file_at_all() {
    assert_snapshot!(Project::new().fail(&["all"]));
}

#[test]
fn several_files_to_choose_from() {
    let project = Project::with("data/raw/a.csv", small_shop());
    project.write("data/raw/b.csv", small_shop());
    project.write("data/raw/.hidden", "");
    assert_snapshot!(project.fail(&["all"]));
}

const FEW_COLUMNS: &str = "invoice,date,customer,amount\n";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("pack");
    encoder.finish().expect("pack")
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).expect("pack");
    encoder.include_checksum(true).expect("option");
    encoder.write_all(bytes).expect("pack");
    encoder.finish().expect("pack")
}

#[test]
fn packed_files_that_are_cut_off_or_damaged() {
    let project = Project::new();
    let mut text = String::from(FEW_COLUMNS);
    for line in 0..10_000 {
        text += &format!("{line},2024-01-01,anna,{}\n", line * line % 997);
    }
    for (name, packed) in [
        ("orders.csv.gz", gzip(text.as_bytes())),
        ("orders.csv.zst", zstd(text.as_bytes())),
    ] {
        project.write(name, &packed[..packed.len() / 2]);
        assert_snapshot!(project.fail(&["all", name]));
        // Both end with a checksum.
        let mut damaged = packed.clone();
        damaged[packed.len() - 2] ^= 0xff;
        project.write(name, &damaged);
        assert_snapshot!(project.fail(&["all", name]));
        project.write(name, &packed[..7]);
        assert_snapshot!(project.fail(&["all", name]));
    }
}

#[test]
fn packed_files_that_are_traps() {
    let project = Project::new();
    let text = String::from(FEW_COLUMNS) + &"1,2024-01-01,anna,1\n".repeat(4_000_000);
    for (name, packed) in [
        ("orders.csv.gz", gzip(text.as_bytes())),
        ("orders.csv.zst", zstd(text.as_bytes())),
    ] {
        project.write(name, &packed);
        let message = project.fail(&["all", name]);
        assert!(
            message.contains(" unpack to more than 67108864\n"),
            "{message}"
        );
    }
}

#[test]
fn what_is_packed_is_no_csv() {
    let project = Project::with("orders.csv.gz", gzip(b"PK\x03\x04rest"));
    assert_snapshot!(project.fail(&["all", "orders.csv.gz"]));
    project.write("orders.csv.zst", zstd(&gzip(small_shop().as_ref())));
    assert_snapshot!(project.fail(&["all", "orders.csv.zst"]));
}

#[test]
fn text_that_starts_like_a_zip_file() {
    let text = String::from("PK,") + &small_shop().replace('\n', "\n1,");
    let project = Project::with("orders.csv", text.trim_end_matches("1,"));
    project.run(&["features", "orders.csv"]);
    project.write("orders.csv", b"PK\x05\x06, no text");
    assert_snapshot!(project.fail(&["features", "orders.csv"]));
}

/// A workbook with one sheet of that XML.
pub(crate) fn workbook(sheet: &str) -> Vec<u8> {
    workbook_with(&[("xl/worksheets/sheet1.xml", sheet)])
}

/// A workbook with those files beside the ones that each has.
fn workbook_with(files: &[(&str, &str)]) -> Vec<u8> {
    const TYPES: &str = r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/></Types>"#;
    const RELATIONS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
    const WORKBOOK: &str = r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Orders" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
    const SHEETS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let always = [
        ("[Content_Types].xml", TYPES),
        ("_rels/.rels", RELATIONS),
        ("xl/workbook.xml", WORKBOOK),
        ("xl/_rels/workbook.xml.rels", SHEETS),
    ];
    for (name, content) in always.iter().chain(files) {
        archive
            .start_file(*name, SimpleFileOptions::default())
            .expect("start");
        archive.write_all(content.as_bytes()).expect("write");
    }
    archive.finish().expect("finish").into_inner()
}

/// The XML of a sheet with the small shop, every cell an inline text.
pub(crate) fn sheet() -> String {
    let mut xml = String::from(
        r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>"#,
    );
    for line in small_shop().lines() {
        xml += "<row>";
        for cell in line.split(',') {
            xml += &format!(r#"<c t="inlineStr"><is><t>{cell}</t></is></c>"#);
        }
        xml += "</row>";
    }
    xml + "</sheetData></worksheet>"
}

#[test]
fn a_workbook_of_texts_reads_like_the_csv() {
    let project = Project::with("orders.xlsx", workbook(&sheet()));
    project.write("orders.csv", small_shop());
    project.run(&["all", "orders.xlsx"]);
    let from_xlsx = project.read("data/processed/customer_segments.csv");
    project.run(&["all", "orders.csv"]);
    assert_eq!(
        from_xlsx,
        project.read("data/processed/customer_segments.csv")
    );
}

#[test]
fn a_sheet_that_is_not_there() {
    let project = Project::with("orders.xlsx", workbook(&sheet()));
    assert_snapshot!(project.fail(&["all", "orders.xlsx", "--sheet", "Returns"]));
}

#[test]
fn a_truncated_workbook() {
    let mut bytes = workbook(&sheet());
    bytes.truncate(bytes.len() / 2);
    let project = Project::with("orders.xlsx", bytes);
    assert_snapshot!(project.fail(&["all", "orders.xlsx"]));
}

#[test]
fn a_workbook_with_a_damaged_sheet() {
    let xml = sheet();
    let project = Project::with("orders.xlsx", workbook(&xml[..xml.len() / 2]));
    assert_snapshot!(project.fail(&["all", "orders.xlsx"]));
}

#[test]
fn a_zip_file_that_is_no_workbook() {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive
        .start_file("notes.txt", SimpleFileOptions::default())
        .expect("start");
    archive.write_all(b"hello").expect("write");
    let bytes = archive.finish().expect("finish").into_inner();
    let project = Project::with("orders.xlsx", bytes);
    assert_snapshot!(project.fail(&["all", "orders.xlsx"]));
}

/// The message for a workbook with the sheet and the list of texts.
fn refused(sheet: &str, texts: &str) -> String {
    let files = [
        ("xl/worksheets/sheet1.xml", sheet),
        ("xl/sharedStrings.xml", texts),
    ];
    Project::with("orders.xlsx", workbook_with(&files)).fail(&["all", "orders.xlsx"])
}

#[test]
fn a_workbook_that_states_more_texts_than_it_has_bytes() {
    let texts = r#"<sst uniqueCount="400000000000000000"><si><t>invoice</t></si></sst>"#;
    assert_snapshot!(refused(&sheet(), texts));
}

#[test]
fn a_text_that_fills_the_memory() {
    let texts = format!("<sst><si><t>{}</t></si></sst>", "1".repeat(1024 * 1024));
    let cells = r#"<c t="s"><v>0</v></c>"#.repeat(20);
    let row = format!("<row>{cells}</row></sheetData>");
    assert_snapshot!(refused(&sheet().replace("</sheetData>", &row), &texts));
    let cells = r#"<c t="s"><v>0</v></c>"#.repeat(8);
    let rows = format!("<row>{cells}</row>").repeat(30) + "</sheetData>";
    let sheet = sheet().replace("</sheetData>", &rows);
    let files = [
        ("xl/worksheets/sheet1.xml", sheet.as_str()),
        ("xl/sharedStrings.xml", &texts),
    ];
    let project = Project::with("orders.xlsx", workbook_with(&files));
    assert_snapshot!(project.fail(&["all", "orders.xlsx", "--on-bad-row=quarantine"]));
}

#[test]
fn a_workbook_with_the_character_nul() {
    let project = Project::with(
        "orders.xlsx",
        workbook(&sheet().replace("France", "Fr\0nce")),
    );
    assert_snapshot!(project.fail(&["all", "orders.xlsx"]));
}

#[test]
fn cells_that_are_not_in_the_order_of_their_columns() {
    let row = r#"<row><c r="B9"><v>2</v></c><c r="A9"><v>1</v></c></row></sheetData>"#;
    let sheet = sheet().replace("</sheetData>", row);
    let project = Project::with("orders.xlsx", workbook(&sheet));
    assert_snapshot!(project.fail(&["all", "orders.xlsx"]));
}

/// The workbook with the stated size of its sheet set to four gigabytes.
fn overstated(mut bytes: Vec<u8>) -> Vec<u8> {
    const CENTRAL_ENTRY: &[u8] = b"PK\x01\x02";
    const UNPACKED_SIZE: usize = 24;
    let entry = (0..bytes.len() - 4)
        .rfind(|&at| bytes[at..].starts_with(CENTRAL_ENTRY))
        .expect("entry");
    bytes[entry + UNPACKED_SIZE..][..4].copy_from_slice(&0xffff_fffe_u32.to_le_bytes());
    bytes
}

#[test]
fn a_workbook_that_unpacks_to_gigabytes() {
    let project = Project::with("orders.xlsx", overstated(workbook(&sheet())));
    assert_snapshot!(project.fail(&["all", "orders.xlsx"]));
}

#[test]
fn a_workbook_that_unpacks_to_more_than_it_says() {
    const CENTRAL_ENTRY: &[u8] = b"PK\x01\x02";
    const UNPACKED_SIZE: usize = 24;
    let mut bytes = workbook(&sheet());
    let entry = (0..bytes.len() - 4)
        .rfind(|&at| bytes[at..].starts_with(CENTRAL_ENTRY))
        .expect("entry");
    bytes[entry + UNPACKED_SIZE..][..4].copy_from_slice(&100_u32.to_le_bytes());
    let project = Project::with("orders.xlsx", bytes);
    assert_snapshot!(project.fail(&["all", "orders.xlsx"]));
}

#[test]
fn a_full_disk() {
    let project = Project::new();
    assert_snapshot!(project.fail(&["sample", "--output", "/dev/full"]));
    let arguments = ["sample"];
    let mut command = project.command(&arguments);
    let full = fs::OpenOptions::new().write(true).open("/dev/full");
    command.stdout(full.expect("/dev/full"));
    let output = command.output().expect("run");
    assert_eq!(output.status.code(), Some(1));
    assert_snapshot!(String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_run_that_may_write_no_more_leaves_old_files_whole() {
    let project = Project::with("orders.csv", small_shop());
    // The system ends a process that writes more than the limit, unless it
    // ignores the signal; then the write fails as on a full disk.
    let limited = |ignored: &str| {
        let mut command = Command::new("sh");
        let rfm = env!("CARGO_BIN_EXE_rfm");
        command.current_dir(project.path("."));
        command.args([
            "-c",
            &format!("{ignored} ulimit -f 0; exec {rfm} all orders.csv -q"),
        ]);
        command
    };
    assert_snapshot!(project.fail_with(&["all", "orders.csv", "-q"], limited("trap '' XFSZ;")));
    let killed = limited("").output().expect("run");
    assert_eq!(killed.status.code(), None, "a signal ended it");
    assert_eq!(project.read("data/processed/rfm_features.csv"), AS_IT_WAS);
}

#[cfg(unix)]
#[test]
fn a_folder_without_permission() {
    use std::os::unix::{fs::PermissionsExt, process::CommandExt};
    const NOBODY: u32 = 65_534;
    let project = Project::with("orders.csv", small_shop());
    let arguments = ["all", "orders.csv", "-q"];
    // Everything that fail_with needs is made before the folder is closed.
    let mut command = project.command(&arguments);
    let binary = project.path("rfm");
    fs::copy(env!("CARGO_BIN_EXE_rfm"), &binary).expect("copy");
    let is_root = fs::write("/proc/self/oom_score_adj", "0").is_ok()
        && fs::metadata("/proc/self").is_ok_and(|metadata| {
            use std::os::unix::fs::MetadataExt;
            metadata.uid() == 0
        });
    if is_root {
        // Root may write anywhere; another user may not.
        command = Command::new(&binary);
        command.args(arguments).current_dir(project.path("."));
        command.uid(NOBODY).gid(NOBODY);
    }
    let close = |mode| {
        for folder in [".", "data/processed", "data/interim", "models"] {
            fs::create_dir_all(project.path(folder)).expect("folder");
            let permissions = fs::Permissions::from_mode(mode);
            fs::set_permissions(project.path(folder), permissions).expect("permissions");
        }
    };
    for name in [
        "data/processed/rfm_features.csv",
        "models/segmentation.json",
    ] {
        project.write(name, AS_IT_WAS);
    }
    close(0o555);
    let output = command.output().expect("run");
    close(0o755);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(project.read("models/segmentation.json"), AS_IT_WAS);
    assert_snapshot!(String::from_utf8_lossy(&output.stderr));
}

#[cfg(unix)]
#[test]
fn a_failure_at_the_last_file_leaves_all_others_as_they_were() {
    // A folder cannot be replaced by a model.
    let project = Project::with("orders.csv", small_shop());
    fs::create_dir_all(project.path("models/segmentation.json")).expect("folder");
    project.write("data/processed/rfm_features.csv", AS_IT_WAS);
    let output = project
        .command(&["all", "orders.csv", "-q"])
        .output()
        .expect("run");
    assert_eq!(output.status.code(), Some(1));
    assert_snapshot!(String::from_utf8_lossy(&output.stderr));
    assert_eq!(project.read("data/processed/rfm_features.csv"), AS_IT_WAS);
    assert!(project.leftovers().is_empty());
}

#[cfg(unix)]
#[test]
fn a_name_that_is_not_unicode_is_as_good_as_any() {
    use std::os::unix::ffi::OsStrExt;
    let project = Project::new();
    let name = std::ffi::OsStr::from_bytes(b"x\xff.csv");
    fs::write(project.path(".").join(name), small_shop()).expect("write");
    let mut command = project.command(&["all", "-q"]);
    assert!(command.arg(name).status().expect("run").success());
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link() {
    let project = Project::with("elsewhere.csv", "old");
    let link = project.path("sample.csv");
    std::os::unix::fs::symlink(project.path("elsewhere.csv"), &link).expect("link");
    project.run(&[
        "sample",
        "--lines",
        "10",
        "--force",
        "--output",
        "sample.csv",
    ]);
    assert!(link.is_symlink());
    assert!(project.read("elsewhere.csv").starts_with("InvoiceNo,"));
}

#[test]
fn a_sample_in_place_of_other_data() {
    let project = Project::with("orders.csv", small_shop());
    let arguments = ["sample", "--output", "orders.csv"];
    assert_snapshot!(project.fail(&arguments));
    assert_eq!(project.read("orders.csv"), small_shop());
}

#[test]
fn control_characters_of_a_name_stay_off_the_terminal() {
    assert_snapshot!(Project::new().fail(&["all", "no\u{1b}[31m\u{7}.csv"]));
}

#[test]
fn a_model_in_place_of_another_file() {
    let project = Project::with("orders.csv", small_shop());
    for (name, model) in [
        ("model_on_input", "./orders.csv"),
        ("model_on_features", "data/processed/rfm_features.csv"),
        ("model_on_evaluation", "models/evaluation.json"),
    ] {
        assert_snapshot!(name, project.fail(&["all", "orders.csv", "--model", model]));
    }
    project.write("notes.txt", "remember");
    assert_snapshot!(project.fail(&["all", "orders.csv", "--model", "notes.txt"]));
    assert_eq!(project.read("notes.txt"), "remember");
}

#[test]
fn a_small_workbook_that_unpacks_to_very_much() {
    let mut xml = sheet();
    let spaces = " ".repeat(65 * 1024 * 1024);
    xml = xml.replace("<sheetData>", &format!("<sheetData>{spaces}"));
    let project = Project::with("orders.xlsx", workbook(&xml));
    let message = project.fail(&["all", "orders.xlsx"]);
    assert!(message.contains("expected at most 67108864"), "{message}");
}

/// A project with features and a model.
fn trained() -> Project {
    let project = Project::with("orders.csv", small_shop());
    project.run(&["all", "orders.csv", "-q"]);
    project
}

#[test]
fn no_model() {
    let project = trained();
    fs::remove_file(project.path("models/segmentation.json")).expect("remove");
    let output = project.command(&["predict"]).output().expect("run");
    assert_eq!(output.status.code(), Some(1));
    assert_snapshot!(String::from_utf8_lossy(&output.stderr));
}

#[test]
fn no_features() {
    let output = Project::new().command(&["train"]).output().expect("run");
    assert_eq!(output.status.code(), Some(1));
    assert_snapshot!(String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_broken_model() {
    let project = trained();
    let model = project.read("models/segmentation.json");
    for (name, content) in [
        ("empty", String::new()),
        ("truncated", model[..model.len() / 2].to_owned()),
        ("foreign", r#"{"weights": [1, 2, 3]}"#.to_owned()),
        (
            "without_checksum",
            model.replace("\"checksum\"", "\"check\""),
        ),
        ("deep", "[".repeat(100_000)),
    ] {
        project.write("models/segmentation.json", content);
        assert_snapshot!(name, project.fail(&["predict"]));
    }
}

#[test]
fn a_newer_model() {
    let project = trained();
    let model = project.read("models/segmentation.json");
    let newer = model.replace("\"schema_version\": 1", "\"schema_version\": 2");
    project.write("models/segmentation.json", newer);
    assert_snapshot!(project.fail(&["predict"]));
}

#[test]
fn a_tampered_model() {
    let project = trained();
    let model = project.read("models/segmentation.json");
    let tampered = model.replace("\"restarts\": 100", "\"restarts\": 101");
    assert_ne!(model, tampered);
    project.write("models/segmentation.json", tampered);
    let message = project.fail(&["predict"]);
    // The checksums change with every detail of training.
    let message: Vec<&str> = message
        .split(' ')
        .map(|word| {
            if word.trim_end_matches([',', '\n']).len() >= 64 {
                "CHECKSUM"
            } else {
                word
            }
        })
        .collect();
    assert_snapshot!(message.join(" "));
}

#[test]
fn features_that_are_none() {
    let header = "CustomerID,recency,frequency,monetary\n";
    for (name, content) in [
        ("features_doubled", format!("{header}7,1,1,1\n7,2,2,2\n")),
        ("features_range", format!("{header}7,100001,1,1\n")),
        ("features_frequency", format!("{header}7,1,0,1\n")),
        ("features_monetary", format!("{header}7,1,1,0\n")),
        (
            "features_text",
            format!("{header}7,1.5,one,NaN\n8,1,-1,inf\n9,1\n"),
        ),
        (
            "features_column",
            "CustomerID,recency,frequency\n7,1,1\n".to_owned(),
        ),
        ("features_header", header.to_owned()),
        ("features_empty", String::new()),
    ] {
        let project = Project::with("data/processed/rfm_features.csv", content);
        assert_snapshot!(name, project.fail(&["train"]));
    }
}
