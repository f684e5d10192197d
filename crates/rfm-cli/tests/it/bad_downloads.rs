//! Downloads that fail: by the network, by the server, by what it sends.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpListener,
    thread,
};

use insta::assert_snapshot;

use crate::{
    bad_files::{sheet, workbook},
    download::{PLACE, Server, answer, archive, half, raw, small_archive},
    project::{AS_IT_WAS, HEADER, Project},
};

/// What the user sees of a download that must fail.
fn refused(project: &Project, server: &Server, more: &[&str]) -> String {
    let url = server.url();
    let arguments = [&["download", "--download-url", &url], more].concat();
    project.fail(&arguments).replace(&server.address, "SERVER")
}

/// As [`refused`], in a new project, of which nothing may stay.
fn refused_wholly(server: &Server, more: &[&str]) -> String {
    let project = Project::new();
    let text = refused(&project, server, more);
    assert_eq!(raw(&project), Vec::<String>::new());
    text
}

/// A server of an archive.
fn sends(file: Vec<u8>) -> Server {
    Server::start(move |_| answer("200 OK", "", &file))
}

#[test]
fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("bind");
    let address = listener.local_addr().expect("address").to_string();
    drop(listener);
    let url = format!("http://{address}/online+retail.zip");
    let text = Project::new().fail(&["download", "--download-url", &url]);
    assert_snapshot!(text.replace(&address, "SERVER"));
}

#[test]
fn an_answer_that_is_no_http() {
    let server = Server::start(|_| b"220 mail.example ESMTP\r\n\r\n".to_vec());
    assert_snapshot!(refused_wholly(&server, &[]));
}

#[test]
fn a_server_that_hangs_up() {
    let server = Server::start(|_| Vec::new());
    assert_snapshot!(refused_wholly(&server, &[]));
}

/// A server that sends some bytes and then nothing; gives its address.
fn stalls(bytes: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("bind");
    let address = listener.local_addr().expect("address").to_string();
    // It ends with the tests.
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("connection");
        stream.write_all(&bytes).expect("write");
        // Until the client has waited long enough.
        let _ = stream.read_to_end(&mut Vec::new());
    });
    address
}

#[test]
fn a_server_that_sends_nothing() {
    let begun = half(answer("200 OK", "", &small_archive()));
    for (name, scheme, sent) in [
        ("no_connection", "https", Vec::new()),
        ("no_answer", "http", Vec::new()),
        ("no_more", "http", begun),
    ] {
        let address = stalls(sent);
        let url = format!("{scheme}://{address}/online+retail.zip");
        let arguments = [
            "download",
            "--download-timeout",
            "1",
            "--download-url",
            &url,
        ];
        let text = Project::new().fail(&arguments);
        assert_snapshot!(name, text.replace(&address, "SERVER"));
    }
}

#[test]
fn a_file_that_is_not_there() {
    let server = Server::start(|_| answer("404 Not Found", "", b"no"));
    assert_snapshot!(refused_wholly(&server, &[]));
}

#[test]
fn a_server_at_fault() {
    let server = Server::start(|_| answer("503 Service Unavailable", "", b"no"));
    assert_snapshot!(refused_wholly(&server, &[]));
}

#[test]
fn an_address_that_leads_on_for_ever() {
    let server = Server::start(|_| answer("302 Found", "location: /again\r\n", b""));
    assert_snapshot!(refused_wholly(&server, &[]));
}

#[test]
fn a_transfer_that_breaks_off() {
    let server = Server::start(|_| half(answer("200 OK", "", &[0; 1000])));
    let project = Project::new();
    assert_snapshot!(refused(&project, &server, &[]));
    assert!(!project.path(PLACE).exists());
}

#[test]
fn a_range_that_nobody_asked_for() {
    let part = "content-range: bytes 500-999/1000\r\n";
    let server = Server::start(|_| answer("206 Partial Content", part, &[0; 500]));
    assert_snapshot!(refused_wholly(&server, &[]));
}

#[test]
fn a_transfer_that_breaks_off_at_once() {
    let server = Server::start(|_| {
        let mut answer = answer("200 OK", "", b"body");
        answer.truncate(answer.len() - 4);
        answer
    });
    assert_snapshot!(refused_wholly(&server, &[]));
}

#[test]
fn a_file_without_end() {
    let server = Server::start(|_| {
        b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 600000000\r\n\r\n".to_vec()
    });
    assert_snapshot!(refused_wholly(&server, &[]));
}

#[test]
fn a_web_page() {
    let page = b"<!doctype html><title>Log in</title>";
    assert_snapshot!(refused_wholly(&sends(page.to_vec()), &[]));
}

#[test]
fn a_file_that_is_no_archive() {
    assert_snapshot!(refused_wholly(
        &sends(sheet().into_bytes()[1..].to_vec()),
        &[]
    ));
}

#[test]
fn an_empty_file() {
    assert_snapshot!(refused_wholly(&sends(Vec::new()), &[]));
}

#[test]
fn a_truncated_archive() {
    assert_snapshot!(refused_wholly(&sends(half(small_archive())), &[]));
}

#[test]
fn a_damaged_archive() {
    let mut file = small_archive();
    // In the middle of the only file; its checksum stands at the end.
    let middle = file.len() / 2;
    file[middle] ^= 0xff;
    let text = refused_wholly(&sends(file), &[]);
    assert!(text.contains("holds no readable zip archive: "), "{text}");
}

#[test]
fn an_archive_without_a_workbook() {
    let file = archive(&[("readme.txt", b"no data")]);
    assert_snapshot!(refused_wholly(&sends(file), &[]));
}

#[test]
fn an_archive_with_several_workbooks() {
    let file = archive(&[("b.xlsx", b""), ("a.XLSX", b""), ("__MACOSX/a.xlsx", b"")]);
    assert_snapshot!(refused_wholly(&sends(file), &[]));
}

#[test]
fn an_archive_that_is_a_trap() {
    let file = archive(&[("Online Retail.xlsx", &vec![0; 65 << 20])]);
    assert!(file.len() < 1 << 20);
    assert_snapshot!(refused_wholly(&sends(file), &[]));
}

#[test]
fn a_workbook_that_is_none() {
    let contents = [
        &b"a,b\n1,2\n"[..],
        b"",
        b"PK\x03\x04",
        b"no data",
        b"\xff\xfe\xfd\n\0",
    ];
    for content in contents {
        let file = archive(&[("Online Retail.xlsx", content)]);
        assert_snapshot!(refused_wholly(&sends(file), &[]));
    }
}

#[test]
fn other_data_than_the_reference() {
    let check = ["--download-check", "reference"];
    assert_snapshot!(refused_wholly(&sends(small_archive()), &check));
    let xml = sheet()
        .replace("StockCode", "Item")
        .replace("Country", "Land");
    let file = archive(&[("Online Retail.xlsx", &workbook(&xml))]);
    assert_snapshot!(refused_wholly(&sends(file), &check));
}

#[test]
fn another_workbook_is_there() {
    let project = Project::with(PLACE, HEADER);
    let server = Server::start(|_| panic!("asked"));
    assert_snapshot!(refused(&project, &server, &[]));
    assert_eq!(project.read(PLACE), HEADER);
}

#[test]
fn what_was_there_stays_where_a_download_fails() {
    let project = Project::with(PLACE, AS_IT_WAS);
    for file in [half(small_archive()), archive(&[("a.xlsx", b"a,b\n1,2\n")])] {
        refused(&project, &sends(file), &["--force"]);
        assert_eq!(project.read(PLACE), AS_IT_WAS);
        assert_eq!(raw(&project), ["online_retail.xlsx"]);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk() {
    let project = Project::with("data/raw/.hidden", "");
    let part = project.path("data/raw/.online_retail.zip.part");
    std::os::unix::fs::symlink("/dev/full", part).expect("link");
    assert_snapshot!(refused(&project, &sends(small_archive()), &[]));
    assert!(!project.path(PLACE).exists());
}

#[test]
fn a_place_that_is_a_folder() {
    let project = Project::new();
    fs::create_dir_all(project.path(PLACE)).expect("folder");
    assert_snapshot!(refused(&project, &sends(small_archive()), &[]));
}

#[test]
fn addresses_that_are_not_safe() {
    for url in [
        "http://shop.example/orders.zip",
        "ftp://shop.example/orders.zip",
        "https://anna:secret@shop.example/orders.zip",
        "https:///orders.zip",
        "orders.zip",
    ] {
        assert_snapshot!(Project::new().fail(&["download", "--download-url", url]));
    }
    assert_snapshot!(Project::new().fail(&["download", "--download-check", "size"]));
}

#[test]
fn an_address_that_leads_away_unsafely() {
    // Where it leads to listens on all of this machine, but is named otherwise.
    let target = Server::start(|_| answer("200 OK", "", &small_archive()));
    let port = target.address.rsplit(':').next().expect("port").to_owned();
    let location = format!("location: http://127.1:{port}/orders.zip\r\n");
    let server = Server::start(move |_| answer("302 Found", &location, b""));
    let text = refused_wholly(&server, &[]);
    assert_snapshot!(text.replace(&port, "PORT"));
}
