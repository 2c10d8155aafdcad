numbers -q press
