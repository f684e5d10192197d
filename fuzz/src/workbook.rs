//! Workbooks around made-up sheets.

use std::io::{Cursor, Write};

use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

const TYPES: &[u8] = br#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/></Types>"#;
const PACKAGE: &[u8] = br#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const WORKBOOK: &[u8] = br#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Orders" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
const SHEETS: &[u8] = br#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;

/// A workbook of parts that are not packed: a sheet, then what may follow it:
/// shared texts, styles, the list of sheets, and their places.
///
/// # Panics
///
/// Never: memory takes everything.
#[must_use]
pub fn workbook(parts: [Option<&[u8]>; 5]) -> Vec<u8> {
    let [sheet, texts, styles, list, places] = parts;
    let files = [
        ("[Content_Types].xml", Some(TYPES)),
        ("_rels/.rels", Some(PACKAGE)),
        ("xl/workbook.xml", Some(list.unwrap_or(WORKBOOK))),
        ("xl/_rels/workbook.xml.rels", Some(places.unwrap_or(SHEETS))),
        ("xl/sharedStrings.xml", texts),
        ("xl/styles.xml", styles),
        ("xl/worksheets/sheet1.xml", sheet),
    ];
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, content) in files {
        if let Some(content) = content {
            archive.start_file(name, stored).expect("memory");
            archive.write_all(content).expect("memory");
        }
    }
    archive.finish().expect("memory").into_inner()
}
