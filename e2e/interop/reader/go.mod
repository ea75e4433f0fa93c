module enc.metanode.io/interop/reader

go 1.24.0

require (
	github.com/secure-systems-lab/go-securesystemslib v0.9.1
	golang.org/x/mod v0.28.0
)

require (
	golang.org/x/crypto v0.40.0 // indirect
	golang.org/x/sys v0.34.0 // indirect
)
