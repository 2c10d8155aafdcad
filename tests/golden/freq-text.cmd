freq --top 5 press
