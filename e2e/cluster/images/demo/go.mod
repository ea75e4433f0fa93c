module enc.local/images/demo

go 1.26.0
