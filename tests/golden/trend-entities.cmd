trend --entities 龚晓岚,微软研究院 --by day -f tsv oven
