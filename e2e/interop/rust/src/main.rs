//! A rust-libp2p node that does what it is told on stdin, one JSON object a line, and answers on stdout.

mod echo;
mod node;
mod words;

use futures::StreamExt;
use node::Node;
use tokio::io::{AsyncBufReadExt, BufReader};
use words::{Command, What, answer};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    let mut node: Option<Node> = None;
    loop {
        let line = match &mut node {
            None => lines.next_line().await,
            Some(node) => tokio::select! {
                line = lines.next_line() => line,
                event = node.swarm.select_next_some() => {
                    node.on_event(event);
                    continue;
                }
            },
        };
        let Ok(Some(line)) = line else { return };
        let Command { id, what } = match serde_json::from_str(&line) {
            Ok(command) => command,
            Err(error) => {
                eprintln!("not a command: {error}");
                std::process::exit(2);
            }
        };
        match (&mut node, what) {
            (None, What::Start(options)) => match Node::start(id, options).await {
                Ok(started) => node = Some(started),
                Err(error) => answer(id, Err(words::with_causes(&*error))),
            },
            (None, _) => answer(id, Err("not started".into())),
            (Some(node), what) => node.carry_out(id, what),
        }
    }
}
