keyness press
