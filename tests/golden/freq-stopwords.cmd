freq -q -f csv --stopwords stopwords.txt --user-dict words.txt press/sub
