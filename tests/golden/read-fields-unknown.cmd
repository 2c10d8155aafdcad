cat --fields text=nope ../reader/formats/table.csv
