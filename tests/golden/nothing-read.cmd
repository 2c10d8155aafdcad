cat html/page.html
