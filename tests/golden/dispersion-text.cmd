dispersion --words 他,降價 --by source press
