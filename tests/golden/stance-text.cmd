stance -q press
