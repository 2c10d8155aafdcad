keywords --count 4 wire
