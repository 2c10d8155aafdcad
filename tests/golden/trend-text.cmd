trend --terms 他,降價 --by day --margin 1 press
