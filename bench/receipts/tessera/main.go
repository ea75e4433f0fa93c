// Measures Tessera's POSIX log as the peer of our receipt log: entries of the same size, durable and published; then entry and inclusion proof of some
// from all over the log. Arguments: folder, number of entries, bytes of an entry. Prints one JSON object.
package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/transparency-dev/formats/log"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/storage/posix"
	"golang.org/x/mod/sumdb/note"
)

const (
	origin   = "enc.metanode.io/bench"
	batch    = 256
	onTheWay = 4096
	samples  = 1000
)

type memory struct {
	Receipts uint64  `json:"receipts"`
	Own      float64 `json:"own"`
	Resident float64 `json:"resident"`
}
type figures struct {
	PerSecond float64   `json:"perSecond"`
	Generate  []float64 `json:"generate"`
	Retrieve  []float64 `json:"retrieve"`
	Verify    []float64 `json:"verify"`
	Memory    []memory  `json:"memory"`
}

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return value
}

func milliseconds(since time.Time) float64 { return float64(time.Since(since).Nanoseconds()) / 1e6 }

func memoryAfter(count uint64) memory {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	resident := 0.0
	for _, line := range strings.Split(string(must(os.ReadFile("/proc/self/status"))), "\n") {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "VmRSS:" {
			resident = must(strconv.ParseFloat(fields[1], 64)) / 1024
		}
	}
	return memory{count, float64(stats.HeapAlloc) / (1 << 20), resident}
}

func entry(index uint64, size int) []byte {
	data := []byte(fmt.Sprintf("entry %d ", index))
	return append(data, bytes.Repeat([]byte{'x'}, size-len(data))...)
}

func main() {
	folder, count, size := os.Args[1], must(strconv.ParseUint(os.Args[2], 10, 64)), must(strconv.Atoi(os.Args[3]))
	ctx := context.Background()
	secret, public, err := note.GenerateKey(rand.Reader, origin)
	must(public, err)
	signer, verifier := must(note.NewSigner(secret)), must(note.NewVerifier(public))
	driver := must(posix.New(ctx, posix.Config{Path: folder}))
	options := tessera.NewAppendOptions().WithCheckpointSigner(signer).WithBatching(batch, 50*time.Millisecond).WithCheckpointInterval(100 * time.Millisecond)
	appender, shutdown, reader, err := tessera.NewAppender(ctx, driver, options)
	must(appender, err)
	awaiter := tessera.NewPublicationAwaiter(ctx, reader.ReadCheckpoint, 20*time.Millisecond)

	result := figures{Generate: []float64{}}
	began := time.Now()
	futures := make(chan tessera.IndexFuture, onTheWay)
	go func() {
		for index := uint64(0); index < count; index++ {
			futures <- appender.Add(ctx, tessera.NewEntry(entry(index, size)))
		}
		close(futures)
	}()
	var last tessera.IndexFuture
	done := uint64(0)
	for future := range futures {
		must(future())
		last = future
		if done++; done == 10_000 || done == 100_000 || done == 1_000_000 {
			result.Memory = append(result.Memory, memoryAfter(done))
		}
	}
	_, raw, err := awaiter.Await(ctx, last)
	must(raw, err)
	result.PerSecond = float64(count) / time.Since(began).Seconds()

	checkpoint, _, _, err := log.ParseCheckpoint(must(reader.ReadCheckpoint(ctx)), origin, verifier)
	must(checkpoint, err)
	for i := uint64(0); i < samples; i++ {
		index := i * 7919 * count / samples % count
		began := time.Now()
		bundle := must(client.GetEntryBundle(ctx, reader.ReadEntryBundle, index/256, checkpoint.Size))
		builder := must(client.NewProofBuilder(ctx, checkpoint.Size, reader.ReadTile))
		path := must(builder.InclusionProof(ctx, index))
		result.Retrieve = append(result.Retrieve, milliseconds(began))
		began = time.Now()
		leaf := rfc6962.DefaultHasher.HashLeaf(bundle.Entries[index%256])
		if err := proof.VerifyInclusion(rfc6962.DefaultHasher, index, checkpoint.Size, leaf, path, checkpoint.Hash); err != nil {
			must(0, err)
		}
		result.Verify = append(result.Verify, milliseconds(began))
	}
	must(0, shutdown(ctx))
	must(0, json.NewEncoder(os.Stdout).Encode(result))
}
