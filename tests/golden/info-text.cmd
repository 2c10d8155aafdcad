info press
