keyness --where 'script = Hant' --ref 'script = Hans' --min 2 --top 6 press
