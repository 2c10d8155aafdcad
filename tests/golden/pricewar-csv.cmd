pricewar -q -f csv press
