package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p"
	pubsub "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/protocol/circuitv2/client"
	"github.com/libp2p/go-libp2p/p2p/protocol/circuitv2/relay"
	ma "github.com/multiformats/go-multiaddr"
)

const echoProtocol = "/tsugi/interop/echo/1.0.0"

type limit struct {
	Seconds int64  `json:"seconds"`
	Bytes   uint64 `json:"bytes"`
}

type startOptions struct {
	Listen []string `json:"listen"`
	// Relay makes the node a relay.
	Relay *struct {
		ReservationSeconds int64  `json:"reservationSeconds"`
		MaxReservations    int    `json:"maxReservations"`
		MaxCircuits        int    `json:"maxCircuits"`
		Limit              *limit `json:"limit"`
	} `json:"relay"`
	// ByHand leaves circuits to raw.go.
	ByHand bool `json:"byHand"`
}

type node struct {
	host   host.Host
	gossip *pubsub.PubSub
	mutex  sync.Mutex
	topics map[string]*pubsub.Topic
}

type with struct {
	Address string `json:"address"`
	Peer    string `json:"peer"`
	Bytes   int    `json:"bytes"`
	Topic   string `json:"topic"`
	Text    string `json:"text"`
	Hex     string `json:"hex"`
	byHandOptions
}

func (n *node) do(ctx context.Context, what string, raw json.RawMessage) (any, error) {
	if what == "start" {
		var options startOptions
		if err := json.Unmarshal(raw, &options); err != nil {
			return nil, err
		}
		return n.start(options)
	}
	var args with
	if err := json.Unmarshal(raw, &args); err != nil {
		return nil, err
	}
	switch what {
	case "dial":
		return n.dial(ctx, args.Address)
	case "reserve":
		return n.reserve(ctx, args.Address)
	case "connect":
		return n.connect(ctx, args.Address)
	case "hangUp":
		return n.hangUp(args.Peer)
	case "echo":
		return n.echo(ctx, args.Peer, args.Bytes)
	case "join":
		return n.join(args.Topic)
	case "publish":
		return n.publish(ctx, args.Topic, args.Text)
	case "used":
		return used()
	case "ask":
		return n.ask(ctx, args.Address, args.Hex)
	case "acceptByHand":
		return n.acceptByHand(args.byHandOptions)
	case "connectByHand":
		return n.connectByHand(ctx, args.Address, args.Peer, args.byHandOptions)
	default:
		return nil, fmt.Errorf("unknown command %q", what)
	}
}

func (n *node) start(options startOptions) (any, error) {
	settings := []libp2p.Option{
		libp2p.ListenAddrStrings(options.Listen...),
		libp2p.DisableMetrics(),
	}
	if options.Relay != nil || options.ByHand {
		settings = append(settings, libp2p.DisableRelay())
	}
	created, err := libp2p.New(settings...)
	if err != nil {
		return nil, err
	}
	n.host = created
	n.topics = map[string]*pubsub.Topic{}
	if wanted := options.Relay; wanted != nil {
		resources := relay.DefaultResources()
		resources.ReservationTTL = time.Duration(wanted.ReservationSeconds) * time.Second
		resources.MaxReservations = wanted.MaxReservations
		// All guests are on this machine; by default it takes eight of an address.
		resources.MaxReservationsPerIP = wanted.MaxReservations
		resources.MaxCircuits = wanted.MaxCircuits
		resources.Limit = nil
		if wanted.Limit != nil {
			resources.Limit = &relay.RelayLimit{
				Duration: time.Duration(wanted.Limit.Seconds) * time.Second,
				Data:     int64(wanted.Limit.Bytes),
			}
		}
		// By default none of loopback is told.
		everything := relay.WithReservationAddressFilter(func(ma.Multiaddr) bool { return true })
		if _, err := relay.New(created, relay.WithResources(resources), everything); err != nil {
			return nil, err
		}
	} else if n.gossip, err = pubsub.NewGossipSub(context.Background(), created); err != nil {
		return nil, err
	}
	created.SetStreamHandler(echoProtocol, func(stream network.Stream) {
		if _, err := io.Copy(stream, stream); err != nil {
			stream.Reset()
			return
		}
		stream.Close()
	})
	created.Network().Notify(&network.NotifyBundle{
		ConnectedF: func(_ network.Network, connection network.Conn) {
			if isCircuit(connection) && connection.Stat().Direction == network.DirInbound {
				say(map[string]any{"event": "circuit", "peer": connection.RemotePeer(), "limit": limitOf(connection)})
			}
		},
		DisconnectedF: func(_ network.Network, connection network.Conn) {
			say(map[string]any{"event": "closed", "peer": connection.RemotePeer(), "isCircuit": isCircuit(connection)})
		},
	})
	addresses := []string{}
	for _, each := range created.Addrs() {
		addresses = append(addresses, fmt.Sprintf("%s/p2p/%s", each, created.ID()))
	}
	return map[string]any{"peer": created.ID(), "addresses": addresses}, nil
}

func (n *node) stop() {
	if n.host != nil {
		n.host.Close()
	}
}

func (n *node) dial(ctx context.Context, address string) (any, error) {
	info, err := peer.AddrInfoFromString(address)
	if err != nil {
		return nil, err
	}
	if err := n.host.Connect(ctx, *info); err != nil {
		return nil, err
	}
	connections := n.host.Network().ConnsToPeer(info.ID)
	if len(connections) == 0 {
		return nil, errors.New("connected, and gone again")
	}
	return map[string]any{"address": connections[0].RemoteMultiaddr()}, nil
}

func (n *node) reserve(ctx context.Context, address string) (any, error) {
	info, err := peer.AddrInfoFromString(address)
	if err != nil {
		return nil, err
	}
	// The client verifies the voucher: its signature, that the relay signed it, and that it is about us.
	reservation, err := client.Reserve(ctx, n.host, *info)
	if err != nil {
		return nil, err
	}
	told := map[string]any{
		"expiresAtSeconds": reservation.Expiration.Unix(),
		"addresses":        reservation.Addrs,
	}
	if reservation.LimitDuration != 0 || reservation.LimitData != 0 {
		told["limit"] = limit{int64(reservation.LimitDuration.Seconds()), reservation.LimitData}
	}
	if voucher := reservation.Voucher; voucher != nil {
		told["voucher"] = map[string]any{
			"relay":            voucher.Relay,
			"peer":             voucher.Peer,
			"expiresAtSeconds": voucher.Expiration.Unix(),
		}
	}
	return told, nil
}

func (n *node) connect(ctx context.Context, address string) (any, error) {
	info, err := peer.AddrInfoFromString(address)
	if err != nil {
		return nil, err
	}
	if err := n.host.Connect(network.WithAllowLimitedConn(ctx, "interop"), *info); err != nil {
		return nil, err
	}
	for _, connection := range n.host.Network().ConnsToPeer(info.ID) {
		if isCircuit(connection) {
			return map[string]any{"limit": limitOf(connection)}, nil
		}
	}
	return nil, errors.New("connected without a circuit")
}

func (n *node) hangUp(name string) (any, error) {
	id, err := peer.Decode(name)
	if err != nil {
		return nil, err
	}
	return map[string]any{}, n.host.Network().ClosePeer(id)
}

func (n *node) echo(ctx context.Context, name string, count int) (any, error) {
	id, err := peer.Decode(name)
	if err != nil {
		return nil, err
	}
	stream, err := n.host.NewStream(network.WithAllowLimitedConn(ctx, "interop"), id, echoProtocol)
	if err != nil {
		return nil, err
	}
	defer stream.Reset()
	deadline, _ := ctx.Deadline()
	stream.SetDeadline(deadline)
	sent := pattern(count)
	go func() {
		if _, err := stream.Write(sent); err == nil {
			stream.CloseWrite()
		}
	}()
	// What came before an end is told as well: it shows where a limit lies.
	received, err := io.ReadAll(io.LimitReader(stream, int64(count)+1))
	told := map[string]any{
		"returned":  len(received),
		"isCorrect": bytes.HasPrefix(sent, received),
		"isWhole":   err == nil && len(received) == count,
	}
	if err != nil {
		told["ended"] = err.Error()
	}
	return told, nil
}

func (n *node) join(name string) (any, error) {
	topic, err := n.gossip.Join(name)
	if err != nil {
		return nil, err
	}
	subscription, err := topic.Subscribe()
	if err != nil {
		return nil, err
	}
	n.mutex.Lock()
	n.topics[name] = topic
	n.mutex.Unlock()
	go func() {
		for {
			message, err := subscription.Next(context.Background())
			if err != nil {
				return
			}
			if message.GetFrom() == n.host.ID() {
				continue
			}
			say(map[string]any{"event": "message", "topic": name, "from": message.GetFrom(), "text": string(message.GetData())})
		}
	}()
	return map[string]any{}, nil
}

func (n *node) publish(ctx context.Context, name, text string) (any, error) {
	n.mutex.Lock()
	topic := n.topics[name]
	n.mutex.Unlock()
	if topic == nil {
		return nil, errors.New("not joined")
	}
	return map[string]any{}, topic.Publish(ctx, []byte(text))
}

func isCircuit(connection network.Conn) bool {
	_, err := connection.RemoteMultiaddr().ValueForProtocol(ma.P_CIRCUIT)
	return err == nil
}

// The limits of a circuit as its relay told them; nil when it has none.
func limitOf(connection network.Conn) *limit {
	stat := connection.Stat()
	if !stat.Limited {
		return nil
	}
	duration, _ := stat.Extra[client.StatLimitDuration].(time.Duration)
	data, _ := stat.Extra[client.StatLimitData].(uint64)
	return &limit{int64(duration.Seconds()), data}
}

// Bytes that show when one of them is missing or doubled.
func pattern(count int) []byte {
	made := make([]byte, count)
	for index := range made {
		made[index] = byte(index % 251)
	}
	return made
}
