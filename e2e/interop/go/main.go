// A go-libp2p node that does what it is told on stdin, one JSON object a line, and answers on stdout. The words are those of ../node.ts.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/p2p/protocol/circuitv2/client"
)

// How long a command may take.
const commandTimeout = 30 * time.Second

// Of a circuit that was not opened, the dialler keeps the status in words only.
var statusInWords = regexp.MustCompile(`error opening relay circuit: ([A-Z_]+) \(`)

type command struct {
	ID   int             `json:"id"`
	Do   string          `json:"do"`
	With json.RawMessage `json:"with"`
}

type failure struct {
	Message string `json:"message"`
	Status  string `json:"status,omitempty"`
}

type answer struct {
	ID    int      `json:"id"`
	OK    any      `json:"ok,omitempty"`
	Error *failure `json:"error,omitempty"`
}

var out = struct {
	sync.Mutex
	*json.Encoder
}{Encoder: json.NewEncoder(os.Stdout)}

func say(line any) {
	out.Lock()
	defer out.Unlock()
	if err := out.Encode(line); err != nil {
		os.Exit(1)
	}
}

func main() {
	node := &node{}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var each command
		if err := json.Unmarshal(lines.Bytes(), &each); err != nil {
			fmt.Fprintln(os.Stderr, "not a command:", err)
			os.Exit(2)
		}
		go func() { say(carryOut(node, each)) }()
	}
	node.stop()
}

func carryOut(node *node, each command) answer {
	ctx, cancel := context.WithTimeout(context.Background(), commandTimeout)
	defer cancel()
	ok, err := node.do(ctx, each.Do, each.With)
	if err == nil {
		return answer{ID: each.ID, OK: ok}
	}
	told := &failure{Message: err.Error()}
	var reservation client.ReservationError
	if errors.As(err, &reservation) {
		told.Status = reservation.Status.String()
	} else if found := statusInWords.FindStringSubmatch(told.Message); found != nil {
		told.Status = found[1]
	}
	return answer{ID: each.ID, Error: told}
}
