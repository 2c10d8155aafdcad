reuse --min 0 wire
