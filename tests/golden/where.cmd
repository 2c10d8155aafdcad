cat -q -f tsv --table articles --where 'date >= 2025-03-05 and script = Hant' press
