trend press
