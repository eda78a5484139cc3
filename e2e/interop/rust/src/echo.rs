//! A protocol that sends back what it is sent.

use futures::{AsyncReadExt, AsyncWriteExt, StreamExt};
use libp2p::{PeerId, StreamProtocol};
use libp2p_stream::Control;
use serde_json::{Value, json};

const PROTOCOL: StreamProtocol = StreamProtocol::new("/tsugi/interop/echo/1.0.0");

/// Serves it from now on.
pub fn serve(mut control: Control) {
    let mut incoming = control.accept(PROTOCOL).expect("it is served once");
    tokio::spawn(async move {
        while let Some((_, stream)) = incoming.next().await {
            tokio::spawn(async move {
                let (reader, mut writer) = stream.split();
                if futures::io::copy(reader, &mut writer).await.is_ok() {
                    let _ = writer.close().await;
                }
            });
        }
    });
}

/// Sends so many bytes, and tells what came back.
pub async fn ask(mut control: Control, peer: PeerId, count: usize) -> Result<Value, String> {
    let stream = control
        .open_stream(peer, PROTOCOL)
        .await
        .map_err(|error| error.to_string())?;
    let sent: Vec<u8> = (0..count).map(|index| (index % 251) as u8).collect();
    let (mut reader, mut writer) = stream.split();
    let writing = async {
        if writer.write_all(&sent).await.is_ok() {
            let _ = writer.close().await;
        }
    };
    let reading = async {
        let mut received = Vec::new();
        // What came before an end is told as well: it shows where a limit lies.
        let ended = reader.read_to_end(&mut received).await;
        (received, ended.is_ok())
    };
    let ((received, is_ended), ()) = futures::join!(reading, writing);
    Ok(json!({
        "returned": received.len(),
        "isCorrect": sent.starts_with(&received),
        "isWhole": is_ended && received.len() == count,
    }))
}
