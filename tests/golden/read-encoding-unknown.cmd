cat --encoding klingon press
