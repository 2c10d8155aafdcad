query -q -f jsonl '[pos="n.*"] [pos="v"]' ../store/release-0.1.0.dsc
