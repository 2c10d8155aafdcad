verify -f tsv --table files ../store/release-0.1.0.dsc
