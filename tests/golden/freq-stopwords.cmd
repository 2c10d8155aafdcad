freq -q -f csv --stopwords words.txt --user-dict words.txt press/market.txt
