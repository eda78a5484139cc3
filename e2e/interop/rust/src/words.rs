//! What comes in on stdin and goes out on stdout, one JSON object a line. The words are those of ../../node.ts.

use std::io::Write;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Deserialize)]
pub struct Command {
    pub id: u64,
    #[serde(flatten)]
    pub what: What,
}

#[derive(Deserialize)]
#[serde(tag = "do", content = "with", rename_all = "camelCase")]
pub enum What {
    Start(StartOptions),
    Dial { address: String },
    Reserve { address: String },
    Connect { address: String },
    HangUp { peer: String },
    Echo { peer: String, bytes: usize },
    Join { topic: String },
    Publish { topic: String, text: String },
}

#[derive(Deserialize, Default)]
pub struct StartOptions {
    #[serde(default)]
    pub listen: Vec<String>,
    /// Makes the node a relay.
    pub relay: Option<RelayOptions>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RelayOptions {
    pub reservation_seconds: u64,
    pub max_reservations: usize,
    pub max_circuits: usize,
    pub limit: Option<Limit>,
}

#[derive(Clone, Copy, Deserialize, Serialize)]
pub struct Limit {
    pub seconds: u64,
    pub bytes: u64,
}

pub fn say(line: &Value) {
    let mut out = std::io::stdout().lock();
    // Nobody listens any more: stdin ends as well.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

pub fn answer(id: u64, told: Result<Value, String>) {
    match told {
        Ok(ok) => say(&json!({ "id": id, "ok": ok })),
        Err(message) => say(
            &json!({ "id": id, "error": { "status": status_in(&message), "message": message } }),
        ),
    }
}

/// An error with all of its causes.
pub fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(each) = cause {
        text = format!("{text}: {each}");
        cause = each.source();
    }
    text
}

/// rust-libp2p tells the statuses in words only.
fn status_in(message: &str) -> Option<&'static str> {
    [
        ("Reservation refused", "RESERVATION_REFUSED"),
        ("resource limit exceeded", "RESOURCE_LIMIT_EXCEEDED"),
        ("denied permission", "PERMISSION_DENIED"),
        ("PERMISSION_DENIED", "PERMISSION_DENIED"),
        ("no reservation for destination", "NO_RESERVATION"),
        ("failed to connect to destination", "CONNECTION_FAILED"),
    ]
    .into_iter()
    .find_map(|(words, status)| message.contains(words).then_some(status))
}
