cat html
