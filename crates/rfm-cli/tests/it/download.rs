//! `rfm download`, from a server on this machine.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write as _},
    net::TcpListener,
    sync::{Arc, Mutex},
    thread,
};

use zip::write::SimpleFileOptions;

use crate::{
    bad_files::{sheet, workbook},
    project::Project,
};

pub(crate) const PLACE: &str = "data/raw/online_retail.xlsx";

/// A server on loopback that answers each request with bytes, and closes.
pub(crate) struct Server {
    pub(crate) address: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub(crate) fn start(answer: impl Fn(&str) -> Vec<u8> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("bind");
        let address = listener.local_addr().expect("address").to_string();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        // It ends with the tests.
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.expect("connection");
                let head = BufReader::new(&stream).lines();
                let head: Vec<String> = head
                    .map(|line| line.expect("request"))
                    .take_while(|line| !line.is_empty())
                    .collect();
                let request = head.join("\n").to_lowercase();
                let bytes = answer(&request);
                seen.lock().expect("lock").push(request);
                // A client that has had enough hangs up.
                let _ = stream.write_all(&bytes);
                let _ = stream.shutdown(std::net::Shutdown::Write);
                let _ = stream.read_to_end(&mut Vec::new());
            }
        });
        Self { address, requests }
    }

    /// A server of one file with an `ETag`, that sends ranges of it.
    pub(crate) fn of(file: Vec<u8>) -> Self {
        Self::start(move |request| serve(request, &file, "\"1\""))
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/online+retail.zip", self.address)
    }

    /// The requests so far, in lower case.
    fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("lock").clone()
    }
}

/// A whole answer.
pub(crate) fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n"
    );
    [head.as_bytes(), body].concat()
}

/// A file, or the range of it that a request is for.
fn serve(request: &str, file: &[u8], tag: &str) -> Vec<u8> {
    let header = |name: &str| {
        let mut lines = request.lines();
        lines.find_map(|line| line.strip_prefix(&format!("{name}: ")))
    };
    let tag_line = format!("etag: {tag}\r\n");
    let range = header("range").and_then(|range| range.strip_prefix("bytes="));
    let is_same = header("if-range").is_none_or(|asked| asked == tag);
    match range.and_then(|range| range.strip_suffix('-')) {
        Some(first) if is_same => {
            let first: usize = first.parse().expect("number");
            let total = file.len();
            let range = format!("content-range: bytes {first}-{}/{total}\r\n", total - 1);
            answer("206 Partial Content", &(tag_line + &range), &file[first..])
        }
        _ => answer("200 OK", &tag_line, file),
    }
}

/// The first half of an answer.
pub(crate) fn half(mut answer: Vec<u8>) -> Vec<u8> {
    answer.truncate(answer.len() / 2);
    answer
}

/// A zip archive with files.
pub(crate) fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in files {
        archive
            .start_file(*name, SimpleFileOptions::default())
            .expect("start");
        archive.write_all(content).expect("write");
    }
    archive.finish().expect("finish").into_inner()
}

/// The archive of a small shop.
pub(crate) fn small_archive() -> Vec<u8> {
    archive(&[("Online Retail.xlsx", &workbook(&sheet()))])
}

/// The names in data/raw.
pub(crate) fn raw(project: &Project) -> Vec<String> {
    let Ok(entries) = fs::read_dir(project.path("data/raw")) else {
        return Vec::new();
    };
    let name = |entry: std::io::Result<fs::DirEntry>| entry.expect("entry").file_name();
    let mut names: Vec<_> = entries
        .map(|entry| name(entry).into_string().expect("text"))
        .collect();
    names.sort();
    names
}

/// A download that must succeed; gives what it prints on both outputs.
fn download(project: &Project, url: &str, more: &[&str]) -> String {
    let arguments = [&["download", "--download-url", url], more].concat();
    let output = project.command(&arguments).output().expect("run");
    let text = [output.stderr, output.stdout].concat();
    let text = String::from_utf8(text).expect("text");
    assert!(output.status.success(), "{text}");
    assert_eq!(raw(project), ["online_retail.xlsx"]);
    assert!(fs::read(project.path(PLACE)).expect("read") == workbook(&sheet()));
    text
}

/// A server that breaks off after half of a file, and then does as it is told.
fn broken_off(then: impl Fn(&str) -> Vec<u8> + Send + 'static) -> (Project, Server) {
    let project = Project::new();
    let is_first = Mutex::new(true);
    let server = Server::start(move |request| {
        let is_first = std::mem::take(&mut *is_first.lock().expect("lock"));
        if is_first {
            half(serve(request, &small_archive(), "\"1\""))
        } else {
            then(request)
        }
    });
    let url = server.url();
    let output = project
        .command(&["download", "--download-url", &url])
        .output()
        .expect("run");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        raw(&project),
        [".online_retail.zip.part", ".online_retail.zip.part.json"]
    );
    (project, server)
}

#[test]
fn a_download_is_there_and_can_be_read() {
    let project = Project::new();
    let server = Server::of(small_archive());
    let text = download(&project, &server.url(), &[]);
    assert_eq!(
        text,
        "33 lines, 8 columns\nwrote data/raw/online_retail.xlsx\n"
    );
    project.run(&["all"]);
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    assert!(!requests[0].contains("range"));
}

#[test]
fn what_is_there_stays_unless_forced() {
    let project = Project::new();
    let server = Server::of(small_archive());
    assert_eq!(download(&project, &server.url(), &["--quiet"]), "");
    let text = download(&project, &server.url(), &[]);
    assert!(text.starts_with("note: data/raw/online_retail.xlsx is there"));
    assert_eq!(server.requests().len(), 1);
    let json = download(&project, &server.url(), &["--json"]);
    assert!(json.contains("\"fetched\": false") && json.contains("\"rows\": 33"));
    let json = download(&project, &server.url(), &["--json", "--force"]);
    assert!(json.contains("\"fetched\": true") && json.contains("\"InvoiceNo\""));
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn what_broke_off_goes_on() {
    let (project, server) = broken_off(|request| serve(request, &small_archive(), "\"1\""));
    let text = download(&project, &server.url(), &[]);
    assert!(text.starts_with("note: went on after the "), "{text}");
    let requests = server.requests();
    assert!(requests[1].contains("\nrange: bytes="), "{}", requests[1]);
    assert!(requests[1].contains("\nif-range: \"1\""), "{}", requests[1]);
}

#[test]
fn a_file_that_changed_comes_anew() {
    let (project, server) = broken_off(|request| serve(request, &small_archive(), "\"2\""));
    let text = download(&project, &server.url(), &[]);
    assert!(!text.contains("went on"), "{text}");
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn a_server_without_ranges_sends_all_anew() {
    let (project, server) = broken_off(|_| answer("200 OK", "", &small_archive()));
    let text = download(&project, &server.url(), &[]);
    assert!(!text.contains("went on"), "{text}");
}

#[test]
fn a_range_that_does_not_fit_is_not_taken() {
    for wrong in [
        answer(
            "416 Range Not Satisfiable",
            "content-range: bytes */7\r\n",
            b"",
        ),
        answer(
            "206 Partial Content",
            "content-range: bytes 1-3/4\r\n",
            b"abc",
        ),
        answer("206 Partial Content", "", b"abc"),
    ] {
        let (project, server) = broken_off(move |request| {
            if request.contains("\nrange: ") {
                wrong.clone()
            } else {
                answer("200 OK", "", &small_archive())
            }
        });
        let text = download(&project, &server.url(), &[]);
        assert!(!text.contains("went on"), "{text}");
        assert_eq!(server.requests().len(), 3);
    }
}

#[test]
fn another_address_starts_anew() {
    let (project, _) = broken_off(|_| Vec::new());
    let server = Server::of(small_archive());
    download(&project, &server.url(), &[]);
    assert!(!server.requests()[0].contains("range"));
}

#[test]
fn what_was_whole_is_not_fetched_again() {
    let (project, server) = broken_off(|_| panic!("asked again"));
    let file = small_archive();
    project.write("data/raw/.online_retail.zip.part", &file);
    let note = format!(
        "{{\"url\": \"{}\", \"total\": {}}}",
        server.url(),
        file.len()
    );
    project.write("data/raw/.online_retail.zip.part.json", note);
    download(&project, &server.url(), &[]);
}

#[test]
fn a_broken_note_is_none() {
    let (project, server) = broken_off(|request| serve(request, &small_archive(), "\"1\""));
    project.write("data/raw/.online_retail.zip.part.json", "{");
    download(&project, &server.url(), &[]);
    assert!(!server.requests()[1].contains("range"));
}

#[test]
fn a_file_of_unknown_length_is_fetched() {
    let server = Server::start(|_| {
        let head = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n";
        [head.as_bytes(), &small_archive()].concat()
    });
    download(&Project::new(), &server.url(), &[]);
}

#[test]
fn redirects_are_followed() {
    let server = Server::start(|request| {
        if request.starts_with("get /moved/") {
            serve(request, &small_archive(), "\"1\"")
        } else {
            answer("302 Found", "location: /moved/online+retail.zip\r\n", b"")
        }
    });
    download(&Project::new(), &server.url(), &[]);
}

#[test]
fn all_lines_of_the_reference_pass() {
    const LINES: usize = 541_909;
    let header =
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,Customer ID,Country";
    let cells: String = header
        .split(',')
        .map(|name| format!("<c t=\"inlineStr\"><is><t>{name}</t></is></c>"))
        .collect();
    let xml = format!(
        "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">\
         <sheetData><row>{cells}</row>{}</sheetData></worksheet>",
        "<row><c><v>1</v></c></row>".repeat(LINES)
    );
    let server = Server::of(archive(&[("Online Retail.xlsx", &workbook(&xml))]));
    let project = Project::new();
    let text = project.run(&[
        "download",
        "--download-url",
        &server.url(),
        "--download-check",
        "reference",
    ]);
    assert!(text.starts_with("541,909 lines, 8 columns\n"), "{text}");
}
