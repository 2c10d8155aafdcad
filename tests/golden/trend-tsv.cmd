trend -q --terms 船 --by day --per chars --each-source -f tsv wire
