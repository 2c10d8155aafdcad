cat -q -f jsonl ../store/release-0.1.0.dsc
