// One visit of a relay over WebTransport by a go-libp2p whose dialler our listener understands: it dials the relay, reserves there, calls a peer
// through it, sends bytes that come back, and tells on stdout what came of it. Why it is not the newest stands in docs/interop.md.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/protocol/circuitv2/client"
)

const echoProtocol = "/tsugi/interop/echo/1.0.0"
const timeout = 30 * time.Second

type result struct {
	Peer        peer.ID `json:"peer"`
	VoucherPeer peer.ID `json:"voucherPeer"`
	Returned    int     `json:"returned"`
	IsCorrect   bool    `json:"isCorrect"`
}

func main() {
	told, err := run(os.Args[1:])
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(told)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(arguments []string) (*result, error) {
	if len(arguments) != 3 {
		return nil, errors.New("it wants a relay’s address, a peer that has a slot there, and a number of bytes")
	}
	count, err := strconv.Atoi(arguments[2])
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	node, err := libp2p.New(libp2p.NoListenAddrs, libp2p.EnableRelay(), libp2p.DisableMetrics())
	if err != nil {
		return nil, err
	}
	defer node.Close()
	relay, err := peer.AddrInfoFromString(arguments[0])
	if err != nil {
		return nil, err
	}
	if err := node.Connect(ctx, *relay); err != nil {
		return nil, fmt.Errorf("dial: %w", err)
	}
	// The client verifies the voucher: its signature, that the relay signed it, and that it is about us.
	reservation, err := client.Reserve(ctx, node, *relay)
	if err != nil {
		return nil, fmt.Errorf("reserve: %w", err)
	}
	told := &result{Peer: node.ID()}
	if reservation.Voucher != nil {
		told.VoucherPeer = reservation.Voucher.Peer
	}
	target, err := peer.AddrInfoFromString(arguments[0] + "/p2p-circuit/p2p/" + arguments[1])
	if err != nil {
		return nil, err
	}
	ctx = network.WithUseTransient(ctx, "interop")
	if err := node.Connect(ctx, *target); err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	stream, err := node.NewStream(ctx, target.ID, echoProtocol)
	if err != nil {
		return nil, fmt.Errorf("stream: %w", err)
	}
	defer stream.Reset()
	stream.SetDeadline(time.Now().Add(timeout))
	sent := pattern(count)
	go func() {
		if _, err := stream.Write(sent); err == nil {
			stream.CloseWrite()
		}
	}()
	received, err := io.ReadAll(io.LimitReader(stream, int64(count)+1))
	if err != nil {
		return nil, fmt.Errorf("after %d bytes: %w", len(received), err)
	}
	told.Returned = len(received)
	told.IsCorrect = bytes.Equal(sent, received)
	return told, nil
}

// Bytes that show when one of them is missing or doubled.
func pattern(count int) []byte {
	made := make([]byte, count)
	for index := range made {
		made[index] = byte(index % 251)
	}
	return made
}
