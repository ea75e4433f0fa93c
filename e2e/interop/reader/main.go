// Reads a validator's receipt log and one receipt with libraries that others wrote: golang.org/x/mod/sumdb (signed notes, tiled Merkle logs) and
// go-securesystemslib (DSSE). It knows nothing of this project but the prefix URL, a verifier key and a public key.
package main

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// input is what the test gives on standard input.
type input struct {
	Prefix    string        `json:"prefix"`
	Verifier  string        `json:"verifier"`
	OldSize   int64         `json:"oldSize"`
	OldRoot   string        `json:"oldRoot"`
	Leaf      int64         `json:"leaf"`
	Statement string        `json:"statement"`
	Envelope  dsse.Envelope `json:"envelope"`
	PublicKey string        `json:"publicKey"`
	KeyID     string        `json:"keyid"`
}

// tiles fetches C2SP tiles: the same as sumdb's, but without the height in their paths.
type tiles struct{ prefix string }

func (tiles) Height() int                         { return 8 }
func (tiles) SaveTiles(_ []tlog.Tile, _ [][]byte) {}
func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	found := make([][]byte, len(wanted))
	for i, tile := range wanted {
		data, err := get(t.prefix + "/tile/" + strings.TrimPrefix(tile.Path(), "tile/8/"))
		if err != nil {
			return nil, err
		}
		found[i] = data
	}
	return found, nil
}

func get(url string) ([]byte, error) {
	response, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", url, response.Status)
	}
	return io.ReadAll(response.Body)
}

// verifier checks DSSE signatures with the standard library's Ed25519.
type verifier struct {
	key   ed25519.PublicKey
	keyID string
}

func (v verifier) KeyID() (string, error)   { return v.keyID, nil }
func (v verifier) Public() crypto.PublicKey { return v.key }
func (v verifier) Verify(_ context.Context, data, signature []byte) error {
	if !ed25519.Verify(v.key, data, signature) {
		return fmt.Errorf("the signature does not fit")
	}
	return nil
}

func run(in input) error {
	signed, err := get(in.Prefix + "/checkpoint")
	if err != nil {
		return err
	}
	known, err := note.NewVerifier(in.Verifier)
	if err != nil {
		return fmt.Errorf("verifier key: %w", err)
	}
	opened, err := note.Open(signed, note.VerifierList(known))
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return fmt.Errorf("checkpoint size: %w", err)
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return fmt.Errorf("checkpoint root: %w", err)
	}
	reader := tlog.TileHashReader(tlog.Tree{N: size, Hash: root}, tiles{in.Prefix})
	record, err := tlog.ProveRecord(size, in.Leaf, reader)
	if err != nil {
		return fmt.Errorf("inclusion: %w", err)
	}
	if err := tlog.CheckRecord(record, size, root, in.Leaf, tlog.RecordHash([]byte(in.Statement))); err != nil {
		return fmt.Errorf("inclusion: %w", err)
	}
	old, err := hex.DecodeString(in.OldRoot)
	if err != nil {
		return fmt.Errorf("old root: %w", err)
	}
	extension, err := tlog.ProveTree(size, in.OldSize, reader)
	if err != nil {
		return fmt.Errorf("consistency: %w", err)
	}
	if err := tlog.CheckTree(extension, size, root, in.OldSize, tlog.Hash(old)); err != nil {
		return fmt.Errorf("consistency: %w", err)
	}
	key, err := hex.DecodeString(in.PublicKey)
	if err != nil {
		return fmt.Errorf("public key: %w", err)
	}
	envelopes, err := dsse.NewEnvelopeVerifier(verifier{key, in.KeyID})
	if err != nil {
		return fmt.Errorf("envelope: %w", err)
	}
	if _, err := envelopes.Verify(context.Background(), &in.Envelope); err != nil {
		return fmt.Errorf("envelope: %w", err)
	}
	if payload, err := base64.StdEncoding.DecodeString(in.Envelope.Payload); err != nil || string(payload) != in.Statement {
		return fmt.Errorf("the envelope's payload is not the log's entry")
	}
	fmt.Printf("log of %d entries: inclusion, consistency and envelope verified\n", size)
	return nil
}

func main() {
	var in input
	if err := json.NewDecoder(os.Stdin).Decode(&in); err != nil {
		fmt.Fprintln(os.Stderr, "input:", err)
		os.Exit(2)
	}
	if err := run(in); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
