reuse wire
