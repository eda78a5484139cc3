//! The swarm, and who waits for what of it.

use std::collections::HashMap;
use std::error::Error;
use std::time::Duration;

use libp2p::core::transport::ListenerId;
use libp2p::gossipsub::{self, IdentTopic, MessageAuthenticity};
use libp2p::multiaddr::{Multiaddr, Protocol};
use libp2p::swarm::behaviour::toggle::Toggle;
use libp2p::swarm::{NetworkBehaviour, SwarmEvent};
use libp2p::{PeerId, Swarm, SwarmBuilder, identify, noise, ping, relay, tcp, yamux};
use serde_json::{Value, json};

use crate::echo;
use crate::words::{Limit, RelayOptions, StartOptions, What, answer, say, with_causes};

/// The limits of a circuit; their type has no name outside of libp2p-relay.
macro_rules! told {
    ($limit:expr) => {
        Limit {
            seconds: $limit.duration().map_or(0, |each| each.as_secs()),
            bytes: $limit.data_in_bytes().unwrap_or(0),
        }
    };
}

#[derive(NetworkBehaviour)]
pub struct Behaviour {
    relay: Toggle<relay::Behaviour>,
    circuits: relay::client::Behaviour,
    identify: identify::Behaviour,
    ping: ping::Behaviour,
    gossip: gossipsub::Behaviour,
    streams: libp2p_stream::Behaviour,
}

/// A circuit that was asked for: it is there when the relay has agreed and the far end has authenticated itself.
struct Calling {
    id: u64,
    relay: PeerId,
    /// `Some` once the relay has agreed.
    limit: Option<Option<Limit>>,
    is_connected: bool,
}

pub struct Node {
    pub swarm: Swarm<Behaviour>,
    is_relay: bool,
    /// The start is answered when all of these listeners have an address.
    starting: Option<(u64, usize)>,
    dialling: HashMap<PeerId, u64>,
    reserving: HashMap<PeerId, (u64, ListenerId)>,
    calling: HashMap<PeerId, Calling>,
}

impl Node {
    pub async fn start(id: u64, options: StartOptions) -> Result<Self, Box<dyn Error>> {
        let is_relay = options.relay.is_some();
        let mut swarm = SwarmBuilder::with_new_identity()
            .with_tokio()
            .with_tcp(
                tcp::Config::default(),
                noise::Config::new,
                yamux::Config::default,
            )?
            .with_dns()?
            .with_websocket(noise::Config::new, yamux::Config::default)
            .await?
            .with_relay_client(noise::Config::new, yamux::Config::default)?
            .with_behaviour(|key, circuits| {
                let peer = key.public().to_peer_id();
                let gossip = gossipsub::Behaviour::new(
                    MessageAuthenticity::Signed(key.clone()),
                    gossipsub::Config::default(),
                )?;
                Ok(Behaviour {
                    relay: options
                        .relay
                        .map(|each| relay::Behaviour::new(peer, relay_config(&each)))
                        .into(),
                    circuits,
                    identify: identify::Behaviour::new(identify::Config::new(
                        "/tsugi-interop/1".into(),
                        key.public(),
                    )),
                    ping: ping::Behaviour::default(),
                    gossip,
                    streams: libp2p_stream::Behaviour::new(),
                })
            })?
            .with_swarm_config(|config| {
                config.with_idle_connection_timeout(Duration::from_secs(3_600))
            })
            .build();
        echo::serve(swarm.behaviour().streams.new_control());
        for address in &options.listen {
            swarm.listen_on(address.parse()?)?;
        }
        let mut node = Node {
            swarm,
            is_relay,
            starting: Some((id, options.listen.len())),
            dialling: HashMap::new(),
            reserving: HashMap::new(),
            calling: HashMap::new(),
        };
        node.tell_start();
        Ok(node)
    }

    /// Does what is asked; answers at once, or when the swarm tells of it.
    pub fn carry_out(&mut self, id: u64, what: What) {
        if let Err(error) = self.try_to(id, what) {
            answer(id, Err(with_causes(&*error)));
        }
    }

    fn try_to(&mut self, id: u64, what: What) -> Result<(), Box<dyn Error>> {
        match what {
            What::Start(_) => return Err("started already".into()),
            What::Dial { address } => {
                let address: Multiaddr = address.parse()?;
                self.dialling.insert(last_peer(&address)?, id);
                self.swarm.dial(address)?;
            }
            What::Reserve { address } => {
                let address: Multiaddr = address.parse()?;
                let relay = last_peer(&address)?;
                let listener = self.swarm.listen_on(address.with(Protocol::P2pCircuit))?;
                self.reserving.insert(relay, (id, listener));
            }
            What::Connect { address } => {
                let address: Multiaddr = address.parse()?;
                let relay = address
                    .iter()
                    .find_map(|each| match each {
                        Protocol::P2p(peer) => Some(peer),
                        _ => None,
                    })
                    .ok_or("an address without its relay")?;
                let calling = Calling {
                    id,
                    relay,
                    limit: None,
                    is_connected: false,
                };
                self.calling.insert(last_peer(&address)?, calling);
                self.swarm.dial(address)?;
            }
            What::HangUp { peer } => {
                let peer: PeerId = peer.parse()?;
                let _ = self.swarm.disconnect_peer_id(peer);
                answer(id, Ok(json!({})));
            }
            What::Echo { peer, bytes } => {
                let control = self.swarm.behaviour().streams.new_control();
                let peer: PeerId = peer.parse()?;
                tokio::spawn(async move { answer(id, echo::ask(control, peer, bytes).await) });
            }
            What::Join { topic } => {
                self.swarm
                    .behaviour_mut()
                    .gossip
                    .subscribe(&IdentTopic::new(topic))?;
                answer(id, Ok(json!({})));
            }
            What::Publish { topic, text } => {
                match self
                    .swarm
                    .behaviour_mut()
                    .gossip
                    .publish(IdentTopic::new(topic), text)
                {
                    // Who publishes before anybody is on the topic tries again.
                    Ok(_)
                    | Err(
                        gossipsub::PublishError::NoPeersSubscribedToTopic
                        | gossipsub::PublishError::Duplicate,
                    ) => {}
                    Err(error) => return Err(error.into()),
                }
                answer(id, Ok(json!({})));
            }
        }
        Ok(())
    }

    pub fn on_event(&mut self, event: SwarmEvent<BehaviourEvent>) {
        match event {
            SwarmEvent::NewListenAddr { address, .. } if !is_circuit(&address) => {
                // What a relay tells those who reserve.
                if self.is_relay {
                    self.swarm.add_external_address(address);
                }
                self.tell_start();
            }
            SwarmEvent::ConnectionEstablished {
                peer_id, endpoint, ..
            } => {
                if endpoint.is_relayed() {
                    if let Some(calling) = self.calling.get_mut(&peer_id) {
                        calling.is_connected = true;
                    }
                    self.tell_calls();
                } else if let Some(id) = self.dialling.remove(&peer_id) {
                    answer(id, Ok(json!({})));
                }
            }
            SwarmEvent::ConnectionClosed {
                peer_id, endpoint, ..
            } => {
                say(
                    &json!({ "event": "closed", "peer": peer_id.to_string(), "isCircuit": endpoint.is_relayed() }),
                );
            }
            SwarmEvent::OutgoingConnectionError {
                peer_id: Some(peer),
                error,
                ..
            } => {
                let message = with_causes(&error);
                if let Some(id) = self.dialling.remove(&peer) {
                    answer(id, Err(message.clone()));
                }
                if let Some(Calling { id, .. }) = self.calling.remove(&peer) {
                    answer(id, Err(message));
                }
            }
            SwarmEvent::ListenerClosed {
                listener_id,
                reason: Err(error),
                ..
            } => {
                self.reserving.retain(|_, (id, listener)| {
                    let is_it = *listener == listener_id;
                    if is_it {
                        answer(*id, Err(with_causes(&error)));
                    }
                    !is_it
                });
            }
            SwarmEvent::Behaviour(BehaviourEvent::Circuits(event)) => self.on_circuit(event),
            SwarmEvent::Behaviour(BehaviourEvent::Gossip(gossipsub::Event::Message {
                message,
                ..
            })) => {
                say(&json!({
                    "event": "message",
                    "topic": message.topic.as_str(),
                    "from": message.source.map(|each| each.to_string()),
                    "text": String::from_utf8_lossy(&message.data),
                }));
            }
            _ => {}
        }
    }

    fn on_circuit(&mut self, event: relay::client::Event) {
        match event {
            relay::client::Event::ReservationReqAccepted {
                relay_peer_id,
                limit,
                ..
            } => match self.reserving.remove(&relay_peer_id) {
                Some((id, _)) => answer(
                    id,
                    Ok(limit.map_or(json!({}), |each| json!({ "limit": told!(each) }))),
                ),
                None => say(&json!({ "event": "renewed", "peer": relay_peer_id.to_string() })),
            },
            relay::client::Event::OutboundCircuitEstablished {
                relay_peer_id,
                limit,
            } => {
                let waiting = self
                    .calling
                    .values_mut()
                    .find(|each| each.relay == relay_peer_id && each.limit.is_none());
                if let Some(calling) = waiting {
                    calling.limit = Some(limit.map(|each| told!(each)));
                }
                self.tell_calls();
            }
            relay::client::Event::InboundCircuitEstablished { src_peer_id, limit } => {
                say(
                    &json!({ "event": "circuit", "peer": src_peer_id.to_string(), "limit": limit.map(|each| told!(each)) }),
                );
            }
        }
    }

    fn tell_start(&mut self) {
        let Some((id, wanted)) = self.starting else {
            return;
        };
        let peer = *self.swarm.local_peer_id();
        let addresses: Vec<String> = self
            .swarm
            .listeners()
            .map(|each| each.clone().with(Protocol::P2p(peer)).to_string())
            .collect();
        if addresses.len() < wanted {
            return;
        }
        self.starting = None;
        answer(
            id,
            Ok(json!({ "peer": peer.to_string(), "addresses": addresses })),
        );
    }

    fn tell_calls(&mut self) {
        self.calling.retain(|_, calling| {
            let (Some(limit), true) = (calling.limit, calling.is_connected) else {
                return true;
            };
            answer(calling.id, Ok::<Value, String>(json!({ "limit": limit })));
            false
        });
    }
}

fn relay_config(options: &RelayOptions) -> relay::Config {
    relay::Config {
        max_reservations: options.max_reservations,
        reservation_duration: Duration::from_secs(options.reservation_seconds),
        max_circuits_per_peer: options.max_circuits,
        max_circuit_duration: Duration::from_secs(
            options.limit.map_or(86_400, |each| each.seconds),
        ),
        max_circuit_bytes: options.limit.map_or(0, |each| each.bytes),
        // All guests come from one address.
        reservation_rate_limiters: Vec::new(),
        circuit_src_rate_limiters: Vec::new(),
        ..relay::Config::default()
    }
}

fn last_peer(address: &Multiaddr) -> Result<PeerId, &'static str> {
    match address.iter().last() {
        Some(Protocol::P2p(peer)) => Ok(peer),
        _ => Err("an address without a peer"),
    }
}

fn is_circuit(address: &Multiaddr) -> bool {
    address.iter().any(|each| each == Protocol::P2pCircuit)
}
