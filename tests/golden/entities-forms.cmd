entities -f tsv --table forms oven
