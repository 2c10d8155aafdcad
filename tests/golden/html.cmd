cat html html/page.html
