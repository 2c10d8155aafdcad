cat -f jsonl --from csv --fields 'text=正文,title=日期,section=关键词' - < ../reader/formats/table.csv
