//! A running `rfm serve`, and requests to it.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::{Duration, Instant},
};

use ureq::{Agent, http::Response};

/// What a service on a busy machine may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A service that runs until it is stopped or dropped.
pub(crate) struct Service {
    process: Child,
    /// Host and port.
    pub(crate) address: String,
    log: Receiver<String>,
    /// The entries up to the one that names the model, without their times.
    greeting: Vec<String>,
    agent: Agent,
}

impl Service {
    /// Starts a service and waits until it listens and has named its model.
    pub(crate) fn start(mut command: Command) -> Self {
        let mut process = command
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("start the service");
        let stderr = BufReader::new(process.stderr.take().expect("stderr"));
        let (sender, log) = mpsc::channel();
        // Read all the time, so that the service never waits for a reader.
        thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                let is_text = line.starts_with(|c: char| c.is_ascii_digit());
                let entry = match line.split_once(' ') {
                    Some((_time, entry)) if is_text => entry,
                    _ => &line,
                };
                // Nobody may be listening any more, which is as well.
                let _ = sender.send(entry.to_owned());
            }
        });
        let mut service = Self {
            process,
            address: String::new(),
            log,
            greeting: Vec::new(),
            agent: Agent::config_builder()
                .http_status_as_error(false)
                .timeout_global(Some(PATIENCE))
                .build()
                .into(),
        };
        while !service
            .greeting
            .iter()
            .any(|entry| entry.contains("the model is"))
        {
            let entry = service.next_entry();
            if let Some((_, address)) = entry.split_once("listening on http://") {
                // In JSON the text is quoted.
                let end = address.find('"').unwrap_or(address.len());
                service.address.push_str(&address[..end]);
            }
            service.greeting.push(entry);
        }
        service
    }

    /// What the service said at its start.
    pub(crate) fn said(&self) -> Vec<String> {
        self.greeting.clone()
    }

    /// The next entry of its log.
    pub(crate) fn next_entry(&self) -> String {
        self.log
            .recv_timeout(PATIENCE)
            .expect("an entry of the log")
    }

    /// The first entry from now on that has a text in it.
    pub(crate) fn wait_for(&self, text: &str) -> String {
        loop {
            let entry = self.next_entry();
            if entry.contains(text) {
                return entry;
            }
        }
    }

    pub(crate) fn get(&self, path: &str) -> Response<ureq::Body> {
        let url = format!("http://{}{path}", self.address);
        self.agent.get(url).call().expect("an answer")
    }

    pub(crate) fn post(&self, path: &str, content_type: &str, body: &str) -> Response<ureq::Body> {
        let url = format!("http://{}{path}", self.address);
        let request = self.agent.post(url).header("content-type", content_type);
        request.send(body).expect("an answer")
    }

    /// The body of an answer that must be 200.
    pub(crate) fn answer(&self, path: &str, content_type: &str, body: &str) -> String {
        let mut answer = self.post(path, content_type, body);
        assert_eq!(answer.status(), 200);
        let body = answer.body_mut().with_config().limit(u64::MAX);
        body.read_to_string().expect("text")
    }

    pub(crate) fn signal(&self, name: &str) {
        let pid = self.process.id().to_string();
        let sent = Command::new("kill")
            .args([&format!("-{name}"), &pid])
            .status();
        assert!(sent.expect("kill").success());
    }

    /// Waits until the service has ended.
    #[expect(clippy::disallowed_methods, reason = "a deadline for a process")]
    pub(crate) fn ended(&mut self) -> ExitStatus {
        let start = Instant::now();
        loop {
            if let Some(status) = self.process.try_wait().expect("wait") {
                return status;
            }
            assert!(start.elapsed() < PATIENCE, "the service did not end");
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Service {
    /// Asks the service to end, and makes sure that it did so in good order.
    fn drop(&mut self) {
        if thread::panicking() {
            // The test has failed; only the process must not stay.
            let _ = self.process.kill();
            return;
        }
        if self.process.try_wait().expect("wait").is_none() {
            self.signal("INT");
            assert!(self.ended().success());
        }
    }
}
