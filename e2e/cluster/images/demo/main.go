// Demo is the workload of examples and tests: it serves where it runs and what class of data it holds, runs for a while as a Job, or fetches a URL to try a flow.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

const bodyLimit = 1 << 20

type place struct {
	Node   string `json:"node"`
	Region string `json:"region"`
	Class  string `json:"class"`
}

func here() place {
	return place{Node: os.Getenv("NODE_NAME"), Region: os.Getenv("NODE_REGION"), Class: os.Getenv("DATA_CLASSIFICATION")}
}

func handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(here())
	})
	return mux
}

func serve(ctx context.Context, port string) error {
	server := &http.Server{Addr: ":" + port, Handler: handler(), ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute}
	failed := make(chan error, 1)
	go func() { failed <- server.ListenAndServe() }()
	fmt.Printf("listening on port %s\n", port)
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		closing, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		return server.Shutdown(closing)
	}
}

func runFor(ctx context.Context, duration time.Duration) error {
	fmt.Printf("running for %s\n", duration)
	select {
	case <-time.After(duration):
		fmt.Println("done")
		return nil
	case <-ctx.Done():
		return fmt.Errorf("stopped before %s were over", duration)
	}
}

func fetch(ctx context.Context, url string, timeout time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(os.Stdout, io.LimitReader(response.Body, bodyLimit)); err != nil {
		return err
	}
	if response.StatusCode >= 300 {
		return fmt.Errorf("%s answers %s", url, response.Status)
	}
	return nil
}

func run() error {
	duration := flag.Duration("run-for", 0, "run this long and exit with 0, as a Job does")
	url := flag.String("fetch", "", "print what this URL answers and exit; not 0 unless it answers 2xx")
	timeout := flag.Duration("timeout", 5*time.Second, "how long --fetch waits")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	switch {
	case *url != "":
		return fetch(ctx, *url, *timeout)
	case *duration > 0:
		return runFor(ctx, *duration)
	}
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	return serve(ctx, port)
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}
