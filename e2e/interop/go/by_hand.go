package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	pb "github.com/libp2p/go-libp2p/p2p/protocol/circuitv2/pb"
	"github.com/libp2p/go-libp2p/p2p/protocol/circuitv2/proto"
	"github.com/libp2p/go-libp2p/p2p/protocol/circuitv2/util"
)

const maxMessageBytes = 4096

// A circuit by hand carries plain bytes, so that both ends count exactly what the relay counts.
type byHandOptions struct {
	// Send so many bytes, then close for writing.
	Send int `json:"send"`
	// Refuse is the status that an offered circuit is answered with instead of OK; "reset" resets it.
	Refuse string `json:"refuse"`
}

// ask sends bytes on a HOP stream and tells the status that comes back.
func (n *node) ask(ctx context.Context, address, text string) (any, error) {
	message, err := hex.DecodeString(text)
	if err != nil {
		return nil, err
	}
	stream, err := n.hop(ctx, address)
	if err != nil {
		return nil, err
	}
	defer stream.Reset()
	if _, err := stream.Write(message); err != nil {
		return nil, err
	}
	if err := stream.CloseWrite(); err != nil {
		return nil, err
	}
	answer, err := readHop(stream)
	if err != nil {
		return nil, err
	}
	return map[string]any{"status": answer.GetStatus().String()}, nil
}

func (n *node) hop(ctx context.Context, address string) (network.Stream, error) {
	info, err := peer.AddrInfoFromString(address)
	if err != nil {
		return nil, err
	}
	if err := n.host.Connect(ctx, *info); err != nil {
		return nil, err
	}
	stream, err := n.host.NewStream(ctx, info.ID, proto.ProtoIDv2Hop)
	if err != nil {
		return nil, err
	}
	deadline, _ := ctx.Deadline()
	return stream, stream.SetDeadline(deadline)
}

func readHop(stream network.Stream) (*pb.HopMessage, error) {
	reader := util.NewDelimitedReader(stream, maxMessageBytes)
	defer reader.Close()
	var message pb.HopMessage
	if err := reader.ReadMsg(&message); err != nil {
		return nil, err
	}
	if message.GetType() != pb.HopMessage_STATUS {
		return nil, errors.New("the answer is no STATUS")
	}
	return &message, nil
}

// connectByHand opens a circuit, sends, and reads until it ends.
func (n *node) connectByHand(ctx context.Context, address, name string, options byHandOptions) (any, error) {
	target, err := peer.Decode(name)
	if err != nil {
		return nil, err
	}
	stream, err := n.hop(ctx, address)
	if err != nil {
		return nil, err
	}
	defer stream.Reset()
	request := &pb.HopMessage{Type: pb.HopMessage_CONNECT.Enum(), Peer: &pb.Peer{Id: []byte(target)}}
	if err := util.NewDelimitedWriter(stream).WriteMsg(request); err != nil {
		return nil, err
	}
	answer, err := readHop(stream)
	if err != nil {
		return nil, err
	}
	told := map[string]any{"status": answer.GetStatus().String(), "limit": limitIn(answer.GetLimit())}
	if answer.GetStatus() == pb.Status_OK {
		for key, value := range exchange(stream, options.Send) {
			told[key] = value
		}
	}
	return told, nil
}

// acceptByHand answers STOP requests from now on, and tells of each circuit when it has ended.
func (n *node) acceptByHand(options byHandOptions) (any, error) {
	n.host.SetStreamHandler(proto.ProtoIDv2Stop, func(stream network.Stream) {
		defer stream.Reset()
		stream.SetDeadline(time.Now().Add(commandTimeout))
		reader := util.NewDelimitedReader(stream, maxMessageBytes)
		defer reader.Close()
		var request pb.StopMessage
		if err := reader.ReadMsg(&request); err != nil || options.Refuse == "reset" {
			return
		}
		status := pb.Status_OK
		if options.Refuse != "" {
			status = pb.Status(pb.Status_value[options.Refuse])
		}
		answer := &pb.StopMessage{Type: pb.StopMessage_STATUS.Enum(), Status: status.Enum()}
		if err := util.NewDelimitedWriter(stream).WriteMsg(answer); err != nil || status != pb.Status_OK {
			stream.Close()
			return
		}
		line := map[string]any{
			"event": "byHand",
			"peer":  peer.ID(request.GetPeer().GetId()),
			"limit": limitIn(request.GetLimit()),
		}
		for key, value := range exchange(stream, options.Send) {
			line[key] = value
		}
		say(line)
	})
	return map[string]any{}, nil
}

// Sends so many bytes and the end, and reads until the end.
func exchange(stream network.Stream, count int) map[string]any {
	written := make(chan int, 1)
	go func() {
		sent, err := stream.Write(pattern(count))
		if err == nil {
			stream.CloseWrite()
		}
		written <- sent
	}()
	// How it ends is the relay's affair: an orderly end lets the last bytes arrive.
	received, _ := io.ReadAll(stream)
	return map[string]any{
		"sent":      <-written,
		"received":  len(received),
		"isCorrect": bytes.Equal(received, pattern(len(received))),
	}
}

// The limits of a circuit as the message has them; nil when it has none.
func limitIn(given *pb.Limit) *limit {
	if given == nil {
		return nil
	}
	return &limit{int64(given.GetDuration()), given.GetData()}
}
